"""Examinations of settings that a test chooses, whatever the surroundings say."""

import os
from collections.abc import Iterable
from typing import Any

import pytest

from procx_graph.doctor import Asked, Finding, State, Subject
from procx_graph.doctor.asked import names_of
from procx_graph.doctor.checks import CHECKS
from procx_graph.settings import Settings


def forget_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every variable away that is a setting, or looks like one."""
    ours = {variable for name in Settings.model_fields for variable in names_of(name)}
    for variable in [*os.environ]:
        if variable in ours or variable.startswith("PROCX_"):
            monkeypatch.delenv(variable)


def found(subject: Subject, *, offline: bool = False, **settings: Any) -> list[Finding]:
    """Run one subject's check on some settings."""
    [check] = [check for check in CHECKS if check.subject is subject]
    told = {names_of(name)[0] if _has_own_name(name) else name: settings[name] for name in settings}
    return list(check.look(Asked(Settings(**told), offline=offline)))


def states(findings: Iterable[Finding]) -> dict[str, State]:
    """Give the state of each part."""
    return {finding.part: finding.state for finding in findings}


def _has_own_name(name: str) -> bool:
    return Settings.model_fields[name].validation_alias is not None
