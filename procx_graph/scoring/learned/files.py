"""A training as a folder: `model.json`, `card.json`, `card.md` and the profile that loads it.

A refused training has no `model.json`, and a profile without a model.
"""

import json
from pathlib import Path

from pydantic import ValidationError

from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.learned.card import ModelCard
from procx_graph.scoring.learned.rendering import as_markdown, verdict
from procx_graph.scoring.learned.training import Training
from procx_graph.scoring.profiles import SHIPPED, load_profile

MODEL, CARD, TOLD, PROFILE, EXTENDED = (
    "model.json",
    "card.json",
    "card.md",
    "profile.toml",
    "base.json",
)
"""Files of the folder; the last only where the profile is not one that ships."""


def check_folder(folder: str | Path) -> Path:
    """Give the folder to save to, if that may be written.

    Raises:
        ConfigError: It holds something else than an earlier model, or is a file.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise ConfigError(f"{path} is a file; name a folder for the model")
    names = {found.name for found in path.iterdir()} if path.exists() else set()
    if names and CARD not in names:
        raise ConfigError(f"{path} is not empty and holds no earlier model; name another folder")
    return path


def save(training: Training, folder: str | Path) -> Path:
    """Write a training to a folder, over an earlier one.

    Raises:
        ConfigError: The folder holds something else, or cannot be written.
    """
    path = check_folder(folder)
    contents = {
        CARD: training.card.model_dump_json(indent=1),
        TOLD: as_markdown(training.card),
        PROFILE: _profile(training),
        MODEL: None if training.model is None else training.model.model_dump_json(),
        EXTENDED: None if _ships(training.base_profile) else _extended(training.base_profile),
    }
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            if text is None:
                (path / name).unlink(missing_ok=True)
            else:
                (path / name).write_text(f"{text.rstrip()}\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def load_card(folder: str | Path) -> ModelCard:
    """Read the card of a saved training.

    Raises:
        ConfigError: There is none, or it is not a card.
    """
    path = Path(folder) / CARD
    try:
        return ModelCard.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"no such file: {path}; procx train writes it") from error
    except (ValidationError, ValueError) as error:
        raise ConfigError(f"{path} is not a model card; train again") from error


def _profile(training: Training) -> str:
    """Write the profile that loads the model, or the one that stays."""
    base = training.base_profile
    lines = [
        f"# {verdict(training.card)} See {TOLD}.",
        f"extends = {json.dumps(base.name if _ships(base) else EXTENDED)}",
    ]
    if training.model is not None:
        name = json.dumps(training.profile.name, ensure_ascii=False)
        lines += [f"name = {name}", "", "[risk]", f'learned = "{MODEL}"']
    return "\n".join(lines)


def _ships(profile: Profile) -> bool:
    return profile.name in SHIPPED and load_profile(profile.name).hash == profile.hash


def _extended(profile: Profile) -> str:
    return profile.model_dump_json(indent=1, exclude_none=True)
