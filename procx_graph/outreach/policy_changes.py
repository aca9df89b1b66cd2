"""What differs between two policies, key by key and in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from procx_graph.domain.model import Noun
from procx_graph.domain.policy import Policy

_NAMED_BY = ("id", "name")


class PolicyChange(Noun):
    """One key that differs."""

    key: str
    """Such as `cooldown_days`, or `offers.catalogue[come-back-5].percent_off`."""
    before: Any
    """`None` when it is only in the second."""
    after: Any
    """`None` when it is only in the first."""
    text: str
    """The same in words."""


def policy_changes(before: Policy, after: Policy) -> list[PolicyChange]:
    """Give every key that differs, in the order of the document.

    Entries of a list are compared by their id or name, playbooks by situation, segments and
    states; whether the order of entries changed is told apart.
    """
    changes = _compared("", before.model_dump(mode="json"), after.model_dump(mode="json"))
    return list(changes)


def _compared(key: str, before: Any, after: Any) -> Iterator[PolicyChange]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            place = f"{key}.{name}" if key else str(name)
            yield from _compared(place, before.get(name), after.get(name))
    elif _of_tables(before) and _of_tables(after):
        yield from _entries(key, before, after)
    else:
        yield _change(key, before, after)


def _entries(
    key: str, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> Iterator[PolicyChange]:
    old, new = _by_name(before), _by_name(after)
    for name in dict.fromkeys((*old, *new)):
        yield from _compared(f"{key}[{name}]", old.get(name), new.get(name))
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        order = list(old), list(new)
        text = f"{key}: the order is now {', '.join(new)}"
        yield PolicyChange(key=key, before=order[0], after=order[1], text=text)


def _change(key: str, before: Any, after: Any) -> PolicyChange:
    if before is None:
        text = f"{key}: {_told(after)}, which the first does not have"
    elif after is None:
        text = f"{key}: the second does not have it; it was {_told(before)}"
    else:
        text = f"{key}: {_told(after)} instead of {_told(before)}"
    return PolicyChange(key=key, before=before, after=after, text=text)


def _of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _by_name(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give entries by what they are called; of those with the same name the later are numbered."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        name, number = _name(entry), 2
        while name in found:
            name, number = f"{_name(entry)} #{number}", number + 1
        found[name] = entry
    return found


def _name(entry: Mapping[str, Any]) -> str:
    for key in _NAMED_BY:
        if isinstance(entry.get(key), str):
            return str(entry[key])
    parts = [entry[key] for key in ("situation", "country") if entry.get(key)]
    for key in ("segments", "states", "regions", "days", "purposes"):
        parts += map(str, entry.get(key) or ())
    return " ".join(parts) or "everywhere"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_told, value)) or "nothing"
    if isinstance(value, Mapping):
        inner = (f"{name} {_told(one)}" for name, one in value.items() if one not in (None, [], {}))
        return f"({', '.join(inner)})"
    return str(value) if value != "" else "empty"
