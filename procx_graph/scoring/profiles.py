"""Reading scoring profiles: the shipped ones by name, a user's own by path."""

from pathlib import Path
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError

from procx_graph.assets import package_toml, read_toml
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError

SHIPPED = ("default-v1", "procx-seed")
"""Names of the profiles that come with the library."""


def load_profile(profile: str | Path | Profile = "default-v1") -> Profile:
    """Give a profile.

    Args:
        profile: The name of a shipped one, the path of a TOML file, or a profile as it is.

    Raises:
        ConfigError: There is no such profile, or a key or value in it is wrong.
    """
    if isinstance(profile, Profile):
        return profile
    if not isinstance(profile, str | Path):
        raise ConfigError(f"a profile is a name or a file, not {type(profile).__name__}")
    if str(profile) in SHIPPED:
        return _validate(package_toml(f"scoring/profiles/{profile}.toml"), str(profile))
    if Path(profile).suffix != ".toml":
        raise ConfigError(
            f"no profile {str(profile)!r}; known are {', '.join(SHIPPED)}, "
            "or give the path of a .toml file"
        )
    return _validate(read_toml(profile), str(profile))


def _validate(content: dict[str, Any], name: str) -> Profile:
    try:
        return Profile.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(_describe(problem) for problem in error.errors())
        raise ConfigError(f"profile {name}: {problems}") from error


def _describe(problem: Any) -> str:
    path = tuple(str(part) for part in problem["loc"])
    place = ".".join(path) or "as a whole"
    if problem["type"] != "extra_forbidden":
        return f"{place}: {problem['msg']}"
    return f"{place}: unknown key; known here are {', '.join(_known_keys(path[:-1]))}"


def _known_keys(path: tuple[str, ...]) -> list[str]:
    """Give the keys that a profile has at a path like `("factors", "nps")`."""
    model: type[BaseModel] = Profile
    for part in path:
        annotation = model.model_fields[part].annotation
        found = [kind for kind in (annotation, *get_args(annotation)) if _is_model(kind)]
        model = found[0]
    return list(model.model_fields)


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    """Say whether a type is a model, not a plain value or `None`."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
