"""What a check found, and what to do about it."""

from enum import StrEnum
from typing import Self

from procx_graph.domain.model import Noun


class Subject(StrEnum):
    """What is looked at, in the order in which it is."""

    PYTHON = "python"
    PACKAGES = "packages"
    EXTRAS = "extras"
    SETTINGS = "settings"
    SOURCE = "source"
    PROFILE = "profile"
    POLICY = "policy"
    STORE = "store"
    MODEL = "model"
    PROMPTS = "prompts"
    LANGUAGES = "languages"
    CHANNELS = "channels"
    WEBHOOKS = "webhooks"
    LANGFUSE = "langfuse"


class State(StrEnum):
    """How something stands."""

    OK = "ok"
    OFF = "off"
    """Nobody asked for it, or it was not to be asked."""
    WARNING = "warning"
    """It works, and is probably not as meant."""
    BROKEN = "broken"
    """It was asked for, and does not work."""


class Finding(Noun):
    """One thing that was found."""

    subject: Subject
    part: str = ""
    """Which piece of the subject: a variable, a package, a model."""
    state: State
    found: str
    todo: str | None = None
    """What mends it."""

    @classmethod
    def ok(cls, subject: Subject, part: str, found: str) -> Self:
        """Say that something works."""
        return cls(subject=subject, part=part, state=State.OK, found=found)

    @classmethod
    def off(cls, subject: Subject, part: str, found: str) -> Self:
        """Say that something is not in use, or was not asked."""
        return cls(subject=subject, part=part, state=State.OFF, found=found)

    @classmethod
    def warning(cls, subject: Subject, part: str, found: str, todo: str | None = None) -> Self:
        """Say that something is probably not as meant."""
        return cls(subject=subject, part=part, state=State.WARNING, found=found, todo=todo)

    @classmethod
    def broken(cls, subject: Subject, part: str, found: str, todo: str | None = None) -> Self:
        """Say that something which was asked for does not work."""
        return cls(subject=subject, part=part, state=State.BROKEN, found=found, todo=todo)
