"""The scoring profile: does it load?"""

from collections.abc import Iterator

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.errors import ConfigError

DEFAULT = "default-v1"


def look_at_profile(asked: Asked) -> Iterator[Finding]:
    """Load the profile that commands use when they are told of none."""
    from procx_graph.scoring.profiles import load_profile

    named = asked.settings.profile
    try:
        profile = load_profile(named or DEFAULT)
    except ConfigError as error:
        todo = "correct the file, or PROCX_PROFILE" if named else "install procx_graph again"
        yield Finding.broken(Subject.PROFILE, "", str(error), todo)
        return
    learned = "" if profile.risk.learned is None else ", with a learned risk"
    yield Finding.ok(Subject.PROFILE, named or "", f"{profile.name}, {profile.hash}{learned}")
