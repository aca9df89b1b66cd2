"""`procx policy`: read a policy before it decides about customers."""

import json
import sys
from typing import Annotated

import typer

app = typer.Typer(
    name="policy",
    help="Check, compare and copy the document of what procx may do.\n\n"
    "Examples:\n\n    procx policy show > mine.toml\n\n    procx policy check mine.toml",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


def _default(incomplete: str) -> list[str]:
    return ["default"] if "default".startswith(incomplete) else []


PolicyFile = Annotated[
    str,
    typer.Argument(
        help='TOML file of a policy, or "default".', autocompletion=_default, show_default=False
    ),
]


@app.command("check")
def check(file: PolicyFile, as_json: AsJson = False) -> None:
    """Say everything that is wrong with a policy, or what it allows.

    Exit code 2 when something is wrong: every wrong key is named, not only the first.

    Examples:

        procx policy check mine.toml

        procx policy check default --json
    """
    from procx_graph.cli import console
    from procx_graph.outreach.policies import load_policy, policy_problems
    from procx_graph.outreach.policy_summary import policy_remarks, policy_summary

    problems = policy_problems(file)
    if problems:
        if as_json:
            found = [problem.model_dump() for problem in problems]
            print(json.dumps({"valid": False, "problems": found}, ensure_ascii=False, indent=2))
        for problem in () if as_json else problems:
            print(f"procx: {console.safe(f'{file}: {problem}')}", file=sys.stderr)
        raise SystemExit(2)
    policy = load_policy(file)
    if as_json:
        about = {
            "valid": True, "name": policy.name, "version": policy.version, "hash": policy.hash,
            "summary": policy_summary(policy), "remarks": policy_remarks(policy),
        }  # fmt: skip
        print(json.dumps(about, ensure_ascii=False, indent=2))
        return
    print(console.safe(f"{policy.name}, version {policy.version}, {policy.hash}"))
    for line in policy_summary(policy):
        print(f"  {console.safe(line)}")
    for line in policy_remarks(policy):
        print(f"procx: {console.safe(line)}", file=sys.stderr)


@app.command("diff")
def diff(before: PolicyFile, after: PolicyFile, as_json: AsJson = False) -> None:
    """Say what differs between two policies, key by key.

    Examples:

        procx policy diff default mine.toml

        procx policy diff old.toml new.toml --json
    """
    from procx_graph.cli import console
    from procx_graph.outreach.policies import load_policy
    from procx_graph.outreach.policy_changes import policy_changes

    changes = policy_changes(load_policy(before), load_policy(after))
    if as_json:
        shown = [change.model_dump() for change in changes]
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for change in changes:
        print(console.safe(change.text))
    if not changes:
        print("they are the same")


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of a policy, for editors that complete and check TOML.

    Example:

        procx policy schema > policy.schema.json
    """
    from procx_graph.outreach.policies import policy_schema

    print(json.dumps(policy_schema(), ensure_ascii=False, indent=2))


@app.command("show")
def show() -> None:
    """Print the default policy with its comments, to copy and change.

    Example:

        procx policy show > mine.toml
    """
    from procx_graph.outreach.policies import default_policy_text

    print(default_policy_text(), end="")
