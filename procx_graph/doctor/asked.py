"""What an examination starts from: the settings that can be read, and how far it may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ValidationError

from procx_graph.errors import ConfigError
from procx_graph.settings import Settings, variable_of


@dataclass(frozen=True)
class Asked:
    """What is examined.

    Attributes:
        settings: Those that can be read.
        wrong: What is wrong with the others, by field.
        surroundings: All variables of the process; only names of unknown ones are told.
        offline: Nothing outside this machine is asked.
        store: The file that commands keep things in when no setting names a store.
    """

    settings: Settings
    wrong: Mapping[str, str] = field(default_factory=dict)
    surroundings: Mapping[str, str] = field(default_factory=dict, repr=False)
    offline: bool = False
    store: Path = Path("procx.db")


def readable_settings() -> tuple[Settings, dict[str, str]]:
    """Read the settings as far as they can be, and tell what is wrong with each of the others.

    Raises:
        ConfigError: What is wrong is not about single ones.
    """
    try:
        return Settings(), {}
    except ConfigError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        wrong = _problems(error.__cause__)
        left_out: dict[str, Any] = {_key(name): None for name in wrong}
    return Settings(**left_out), wrong


def names_of(name: str) -> tuple[str, ...]:
    """Give all variables that a setting is read from, the one that is told first."""
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(choice for choice in alias.choices if isinstance(choice, str))
    return (variable_of(name),)


def _problems(error: ValidationError) -> dict[str, str]:
    """Give the first problem of each field; values stay out, because they may be secret."""
    fields = {name: name for name in Settings.model_fields}
    fields |= {told: name for name in Settings.model_fields for told in names_of(name)}
    found: dict[str, str] = {}
    for one in error.errors(include_input=False, include_url=False):
        place = str(one["loc"][0]) if one["loc"] else ""
        if place in fields:
            found.setdefault(fields[place], one["msg"].removeprefix("Value error, "))
    return found


def _key(name: str) -> str:
    """Give what a setting is called when it is handed over instead of read."""
    return name if Settings.model_fields[name].validation_alias is None else names_of(name)[0]
