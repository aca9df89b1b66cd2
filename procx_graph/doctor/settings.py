"""Settings: what is set, without secrets; what is wrong; and variables that nobody reads."""

from collections.abc import Iterator

from pydantic import SecretStr

from procx_graph.doctor.asked import Asked, names_of
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.doctor.masking import shown
from procx_graph.settings import Settings, variable_of

NEAR = 75
"""From this likeness on, of 100, a known name is suggested for an unknown one."""
PREFIX = "PROCX_"


def look_at_settings(asked: Asked) -> Iterator[Finding]:
    """Tell every setting, and every variable that looks like one."""
    for name in Settings.model_fields:
        yield _setting(asked, name)
    for variable in unknown_variables(asked):
        yield _unknown(variable)


def unknown_variables(asked: Asked) -> list[str]:
    """Give the variables that begin like ours and are none."""
    known = {variable.upper() for variable in known_variables()}
    return sorted(
        variable
        for variable in asked.surroundings
        if variable.upper().startswith(PREFIX) and variable.upper() not in known
    )


def known_variables() -> list[str]:
    """Give all variables that settings are read from."""
    return [variable for name in Settings.model_fields for variable in names_of(name)]


def _setting(asked: Asked, name: str) -> Finding:
    variable, value = variable_of(name), getattr(asked.settings, name)
    if name in asked.wrong:
        todo = f"correct {variable}, or do not set it"
        return Finding.broken(Subject.SETTINGS, variable, asked.wrong[name], todo)
    if value is None:
        return Finding.off(Subject.SETTINGS, variable, "not set")
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    told = shown(name, value)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return Finding.warning(
            Subject.SETTINGS,
            variable,
            f"{told}; it has quotes around it, which count",
            f"set {variable} without them",
        )
    return Finding.ok(Subject.SETTINGS, variable, told)


def _unknown(variable: str) -> Finding:
    from rapidfuzz import fuzz, process

    near = process.extractOne(
        variable.upper(), known_variables(), scorer=fuzz.ratio, score_cutoff=NEAR
    )
    todo = f"is {near[0]} meant?" if near else "no setting has this name"
    return Finding.warning(Subject.SETTINGS, variable, "set, and not read by anything", todo)
