"""The policy: everything that is wrong with it, and what is unusual."""

from collections.abc import Iterator

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.errors import ConfigError


def look_at_policy(asked: Asked) -> Iterator[Finding]:
    """Read the policy that commands use when they are told of none."""
    from procx_graph.outreach.policies import DEFAULT, load_policy, policy_problems
    from procx_graph.outreach.policy_summary import policy_remarks

    named = asked.settings.policy
    part = named or DEFAULT
    try:
        problems = policy_problems(named)
    except ConfigError as error:
        yield Finding.broken(Subject.POLICY, "", str(error), "correct PROCX_POLICY")
        return
    todo = f"correct it; procx policy check {part} tells the same"
    for problem in problems:
        yield Finding.broken(Subject.POLICY, part, str(problem), todo)
    if problems:
        return
    policy = load_policy(named)
    told = f"{policy.name}, version {policy.version}, {policy.hash}"
    yield Finding.ok(Subject.POLICY, named or "", told)
    for remark in policy_remarks(policy):
        yield Finding.warning(Subject.POLICY, part, remark)
