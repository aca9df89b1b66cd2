"""Reading labelled situations from TOML files, and saying what is wrong with one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from procx_graph.assets import asset_path, read_toml
from procx_graph.domain.message import Language
from procx_graph.domain.model import Noun
from procx_graph.errors import ConfigError
from procx_graph.evals.situations import LabelledSituation, SituationSet

IN_CHECKOUT = "tests/data/situations"
"""The set of this project; an installed wheel does not bring it."""


class _File(Noun):
    """One file: what its situations share, and the situations."""

    language: str = Field(pattern="[a-z]{2}")
    tags: tuple[str, ...] = ()
    customer: dict[str, Any] = Field(default_factory=dict)
    situations: tuple[dict[str, Any], ...] = Field(min_length=1)


def default_set() -> Path:
    """Give the folder of the situations of a checkout.

    Raises:
        ConfigError: This is an installed wheel, which brings none.
    """
    try:
        return asset_path(IN_CHECKOUT)
    except ConfigError as error:
        raise ConfigError(
            "an installed procx_graph brings no labelled situations: name a file or a folder of "
            "them; procx eval --example prints one to begin with"
        ) from error


def load_situations(place: str | Path) -> SituationSet:
    """Read a file of situations, or all of a folder in the order of their names.

    What a file says on top (`language`, `tags`, columns of the `customer`) holds for each of its
    situations that does not say otherwise; tags add up. The language to write in is the customer's
    own where `expect` names none.

    Raises:
        ConfigError: There are none, or one is wrong; it names file, situation and field.
    """
    place = Path(place)
    files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
    if not files:
        raise ConfigError(f"there are no situations (*.toml) in {place}")
    found: dict[str, tuple[LabelledSituation, Path]] = {}
    for file in files:
        for one in _situations_of(file):
            if one.id in found:
                raise ConfigError(
                    f"{file.name}: situation {one.id}: id: {found[one.id][1].name} has it already"
                )
            found[one.id] = one, file
    return SituationSet(name=place.name, situations=tuple(one for one, _ in found.values()))


def _situations_of(file: Path) -> Iterator[LabelledSituation]:
    raw = read_toml(file)
    try:
        shared = _File.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{file.name}: {_first(error)}") from error
    for number, given in enumerate(shared.situations, 1):
        told = given.get("id")
        name = told if isinstance(told, str) else f"number {number}"
        try:
            yield LabelledSituation.model_validate(_whole(given, shared))
        except ValidationError as error:
            raise ConfigError(f"{file.name}: situation {name}: {_first(error)}") from error


def _whole(given: Mapping[str, Any], shared: _File) -> dict[str, Any]:
    """Give a situation with what its file says of all."""
    whole: dict[str, Any] = {"language": shared.language} | dict(given)
    whole["tags"] = (*shared.tags, *given.get("tags", ()))
    own = given.get("customer", {})
    if isinstance(own, Mapping):
        whole["customer"] = shared.customer | dict(own)
    expect = given.get("expect")
    if isinstance(expect, Mapping) and "language" not in expect:
        spoken = whole["language"]
        whole["expect"] = {**expect, "language": spoken if spoken in list(Language) else None}
    return whole


def _first(error: ValidationError) -> str:
    """Tell the first thing that is wrong: where, and what."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "situation"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"
