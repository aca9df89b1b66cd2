"""Reading scoring profiles: the shipped ones by name, a user's own by path.

A profile may say `extends = "default-v1"` (or a path, from its own folder) and then only what it
changes: tables are merged key by key, everything else is replaced. `[risk] learned = "model.json"`
names a learned model, likewise from its own folder.
"""

import json
from pathlib import Path
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError

from procx_graph.assets import package_toml, read_toml
from procx_graph.domain.learned import LearnedModel
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.learned.inputs import inputs_hash

SHIPPED = ("default-v1", "procx-seed")
"""Names of the profiles that come with the library."""
IN_FOLDER = "profile.toml"
"""The profile of a folder, such as `procx train` writes."""


def load_profile(profile: str | Path | Profile = "default-v1") -> Profile:
    """Give a profile.

    Args:
        profile: The name of a shipped one, the path of a TOML file or of a folder with a
            `profile.toml`, or a profile as it is.

    Raises:
        ConfigError: There is no such profile, a key or value in it is wrong, or its learned model
            was trained with other inputs.
    """
    if isinstance(profile, Profile):
        return profile
    if not isinstance(profile, str | Path):
        raise ConfigError(f"a profile is a name or a file, not {type(profile).__name__}")
    loaded = _validate(_content(profile, ()), str(profile))
    learned = loaded.risk.learned
    if learned is not None and learned.inputs_hash != inputs_hash(loaded):
        raise ConfigError(
            f"profile {profile}: its learned model was trained with other factors or another "
            "purchase model, so its inputs would mean something else; train it again"
        )
    return loaded


def _content(profile: str | Path, within: tuple[Path, ...]) -> dict[str, Any]:
    """Read what a profile says, with what it extends below it."""
    if str(profile) in SHIPPED:
        return package_toml(f"scoring/profiles/{profile}.toml")
    path = Path(profile) / IN_FOLDER if Path(profile).is_dir() else Path(profile)
    if path.suffix not in (".toml", ".json"):
        raise ConfigError(
            f"no profile {str(profile)!r}; known are {', '.join(SHIPPED)}, "
            "or give the path of a .toml file, or of a folder with a profile.toml"
        )
    if path.resolve() in within:
        raise ConfigError(f"profile {path} extends itself")
    content = dict(_read_json(path) if path.suffix == ".json" else read_toml(path))
    content = _with_model(content, path.parent)
    extended = content.pop("extends", None)
    if extended is None:
        return content
    if not isinstance(extended, str):
        raise ConfigError(f"profile {path}: extends must be a name or a path, not {extended!r}")
    source = extended if extended in SHIPPED else path.parent / extended
    return _merged(_content(source, (*within, path.resolve())), content)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Put one content over another, tables key by key."""
    merged = below | above
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = _merged(below[name], above[name])
    return merged


def _with_model(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Read the learned model that a profile names."""
    risk = content.get("risk")
    if not isinstance(risk, dict) or not isinstance(risk.get("learned"), str):
        return content
    path = folder / risk["learned"]
    try:
        model = LearnedModel.model_validate(_read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "as a whole"
        raise ConfigError(
            f"{path} is no learned model of this version ({place}: {first['msg']}); train it again"
        ) from error
    return content | {"risk": risk | {"learned": model}}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"no such file: {path}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not a readable JSON file: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path} is not a JSON object")
    return content


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
        if part not in model.model_fields:
            continue
        annotation = model.model_fields[part].annotation
        found = [kind for kind in (annotation, *get_args(annotation)) if _is_model(kind)]
        model = found[0]
    return list(model.model_fields)


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    """Say whether a type is a model, not a plain value or `None`."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
