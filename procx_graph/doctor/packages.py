"""The packages that procx_graph cannot do without, in the versions its own metadata asks for."""

from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, version

from packaging.requirements import Requirement

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject

OURS = "procx_graph"
VersionOf = Callable[[str], str | None]


def look_at_packages(asked: Asked) -> Iterator[Finding]:
    """Compare what is installed with what is asked for."""
    del asked
    own = installed(OURS)
    if own is None:
        yield not_a_distribution()
        return
    yield Finding.ok(Subject.PACKAGES, OURS, own)
    for requirement in requirements():
        yield compared(requirement)


def requirements(extra: str = "") -> list[Requirement]:
    """Give what an extra asks for, or what everything needs, by name.

    Raises:
        PackageNotFoundError: We run from a folder that was never installed.
    """
    told = [Requirement(line) for line in distribution(OURS).requires or ()]
    needed = [one for one in told if _applies(one, extra) and not (extra and _applies(one, ""))]
    return sorted(needed, key=lambda one: one.name)


def compared(requirement: Requirement, version_of: VersionOf | None = None) -> Finding:
    """Judge one package that is needed."""
    found = (version_of or installed)(requirement.name)
    subject, name = Subject.PACKAGES, requirement.name
    mend = f'pip install "{name}{requirement.specifier}"'
    if found is None:
        return Finding.broken(subject, name, "not installed", mend)
    if not requirement.specifier.contains(found, prereleases=True):
        wanted = f"{found}, and {requirement.specifier} is needed"
        return Finding.broken(subject, name, wanted, mend)
    return Finding.ok(subject, name, found)


def installed(name: str) -> str | None:
    """Give the version of a package; `None` when it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def not_a_distribution() -> Finding:
    """Say that nothing tells which packages are needed."""
    return Finding.warning(
        Subject.PACKAGES,
        OURS,
        "runs from a folder and is not installed, so nothing tells which packages it needs",
        "pip install -e . in its folder",
    )


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
