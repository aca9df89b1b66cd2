"""Reading a policy from its TOML file, and everything that is wrong with one."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from procx_graph.assets import package_file, package_toml, read_toml
from procx_graph.domain.model import Noun
from procx_graph.domain.policy import Policy
from procx_graph.errors import ConfigError

DEFAULT = "default"
_FILE = "outreach/policy/default.toml"


class Problem(Noun):
    """One thing that is wrong with a policy."""

    key: str
    """Where, as `offers.catalogue.0.percent_off`; empty when it is about the whole document."""
    text: str
    """What is wrong, and what would be right where that can be said."""

    def __str__(self) -> str:
        return f"{self.key}: {self.text}" if self.key else self.text


def load_policy(policy: Policy | str | Path | None = None) -> Policy:
    """Give a policy: itself, the default (`None` or "default"), or one read from a TOML file.

    Raises:
        ConfigError: There is no such file, or it is not a valid policy; the message names every
            wrong key.
    """
    if isinstance(policy, Policy):
        return policy
    document = _document(policy)
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        told = "; ".join(map(str, _problems(error)))
        raise ConfigError(f"policy {policy}: {told}") from error


def policy_problems(policy: str | Path | None = None) -> list[Problem]:
    """Give everything that is wrong with a policy's file, in its order; empty when it is valid.

    Contradictions between keys are looked for once each key is right.

    Raises:
        ConfigError: There is no such file, or it is not TOML.
    """
    try:
        Policy.model_validate(_document(policy))
    except ValidationError as error:
        return _problems(error)
    return []


def default_policy_text() -> str:
    """Give the default policy as TOML with its comments, to be copied and changed."""
    return package_file(_FILE).read_text(encoding="utf-8")


def policy_schema() -> dict[str, Any]:
    """Give the JSON schema of a policy, for editors and for other programs."""
    schema = Policy.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _document(policy: str | Path | None) -> dict[str, Any]:
    if policy is None or str(policy) == DEFAULT:
        return package_toml(_FILE)
    return read_toml(policy)


def _problems(error: ValidationError) -> list[Problem]:
    found = []
    for one in error.errors():
        where, text = one["loc"], one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            text = "there is no such key" + _meant(where)
        elif one["type"] == "missing":
            text = "this key is missing"
        found.append(Problem(key=".".join(map(str, where)), text=text))
    return found


def _meant(where: Sequence[int | str]) -> str:
    """Name the key that may have been meant."""
    keys = _keys_at(where[:-1])
    close = get_close_matches(str(where[-1]), keys, n=1)
    return f"; is {close[0]!r} meant?" if close else ""


def _keys_at(where: Sequence[int | str]) -> list[str]:
    """Give the keys that a place in the document may have."""
    schema: dict[str, Any] = Policy.model_json_schema()
    place = schema
    for step in where:
        place = _resolved(place, schema)
        if isinstance(step, int):
            place = place.get("items", {})
        else:
            own = place.get("properties", {}).get(step)
            place = own if own is not None else place.get("additionalProperties") or {}
    return list(_resolved(place, schema).get("properties", {}))


def _resolved(place: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = str(place.get("$ref", "")).rsplit("/", 1)[-1]
    found: dict[str, Any] = schema["$defs"].get(name, place)
    return found
