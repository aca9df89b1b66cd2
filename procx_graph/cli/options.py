"""Arguments and options that several commands share, and reading the base they name."""

import getpass
import os
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.domain.clock import Clock, FixedClock, SystemClock, in_utc
from procx_graph.domain.profile import ValueAtStake
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase
    from procx_graph.domain.profile import Profile

STOPPED = 130
"""Exit code after Ctrl-C."""

STALE_DAYS = 30
"""Data older than this is pointed out."""


class EngineName(StrEnum):
    """Engines of the command line."""

    POLARS = "polars"
    DUCKDB = "duckdb"
    PANDAS = "pandas"
    SPARK = "spark"


def _profiles(incomplete: str) -> list[str]:
    return [name for name in ("default-v1", "procx-seed") if name.startswith(incomplete)]


def _segments(incomplete: str) -> list[str]:
    from procx_graph.domain.customer import Segment

    return [name.value for name in Segment if name.value.lower().startswith(incomplete.lower())]


Source = Annotated[
    str | None,
    typer.Argument(
        help="Workbook (.xlsx), folder of CSV or Parquet files, store (procx.db), or database URL. "
        "Without it: PROCX_SOURCE, or else the shipped sample.",
        show_default=False,
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Workbook, folder, store or database URL. Without it: PROCX_SOURCE, or the sample.",
        show_default=False,
    ),
]
ScannedSource = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Workbook, folder, store or database URL that the scan read.",
        show_default="PROCX_SOURCE, the sample if the scan read that, or the store's own tables",
    ),
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help="Scoring profile: default-v1, procx-seed, a TOML file, or a folder that procx train "
        "wrote.",
        show_default="PROCX_PROFILE or default-v1",
        autocompletion=_profiles,
    ),
]
Value = Annotated[
    ValueAtStake | None,
    typer.Option(
        "--value",
        help="The money a churn risk puts at stake. spend_180: spend of the trailing 180 days. "
        "ltv: lifetime value. expected: what the purchase model expects within the horizon.",
        show_default="what the profile says",
    ),
]
PolicyFile = Annotated[
    str | None,
    typer.Option(
        "--policy", help="Policy file (TOML).", show_default="PROCX_POLICY or the default policy"
    ),
]
MapFile = Annotated[
    Path | None,
    typer.Option(
        "--map",
        help="TOML file that maps your table, column and category names to ours.",
        show_default=False,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="Moment to look from, e.g. 2025-10-09 (the end of that day).",
        show_default="the latest thing that happened in the data",
    ),
]
Engine = Annotated[EngineName, typer.Option("--engine", help="What computes the features.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse the data on the first bad cell.")]
Segments = Annotated[
    list[str] | None,
    typer.Option(
        "--segment",
        help="Only this segment; may be given several times.",
        show_default=False,
        autocompletion=_segments,
    ),
]

Who = Annotated[
    str | None,
    typer.Option("--as", help="Who does this, for the record.", show_default="your login name"),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        help="Moment of contact and of deadlines, e.g. 2025-10-09T09:00.",
        show_default="the clock; for the sample and with --as-of the data's own moment",
    ),
]


def person(who: str | None) -> str:
    """Give who does something: the option, else the login name."""
    return who or getpass.getuser()


def clock_of(
    now: str | None, *, source: str | None, as_of: str | None, base: "CustomerBase"
) -> Clock:
    """Give the clock of a command.

    The sample ends in the past and --as-of goes there: then the data's own moment is now.

    Raises:
        ConfigError: `now` is no moment.
    """
    if now is not None:
        try:
            return FixedClock(datetime.fromisoformat(now))
        except ValueError as error:
            raise ConfigError(f"--now {now!r} is no moment: write 2025-10-09T09:00") from error
    if is_sample(source) or as_of is not None:
        return FixedClock(base.as_of)
    return SystemClock()


def open_base(
    source: str | None, *, mapping: Path | None, as_of: str | None, strict: bool
) -> "CustomerBase":
    """Read the base a command names: the argument, else PROCX_SOURCE, else the sample."""
    from procx_graph.base import CustomerBase

    return CustomerBase.open(named_source(source), mapping=mapping, strict=strict, as_of=as_of)


def named_source(source: str | None) -> "str | Path":
    """Give what a command reads: the argument, else PROCX_SOURCE, else the sample."""
    from procx_graph.assets import SAMPLE, asset_path

    if source == "":
        raise ConfigError("the source is empty: name a workbook, a folder or a database URL")
    return source or Settings().source or asset_path(SAMPLE)


def chosen_profile(named: str | None, value: ValueAtStake | None = None) -> "Profile":
    """Give the profile a command names: its option, else PROCX_PROFILE, else default-v1.

    Args:
        named: The option.
        value: The money at stake, where it is another than the profile's.
    """
    from procx_graph.scoring.profiles import load_profile

    profile = load_profile(named or Settings().profile or "default-v1")
    return profile if value is None else profile.model_copy(update={"value_at_stake": value})


def is_sample(source: str | None) -> bool:
    """Whether a command without this argument reads the shipped sample."""
    return (source or Settings().source) is None


def age_in_days(as_of: datetime) -> int:
    """Give how old the data is today; only this surface reads the wall clock."""
    return (SystemClock().now() - as_of).days


def remark_on(base: "CustomerBase", *, replay: bool) -> None:
    """Point out on stderr what a reader of the result should know about the data.

    Args:
        base: The data.
        replay: It is meant to be old.
    """
    from procx_graph.cli import console

    notes = []
    age = age_in_days(base.as_of)
    if age > STALE_DAYS and not replay:
        notes.append(f"the data is {age} days old")
    if not base.is_current:
        notes.append("seen from the past: segment, tier and lifetime value are not known there")
    if issues := base.report.issue_count:
        notes.append(f"{issues:,} cells were set aside; procx validate tells which and why")
    for note in (*notes, *base.report.warnings):
        console.err().print(console.cell(f"note: {note}", "yellow"))


def require_writable(target: Path) -> None:
    """Refuse a target that cannot be written before the work is done."""
    folder = target.absolute().parent
    if target.is_dir():
        raise ConfigError(f"cannot write {target}: it is a folder")
    if not folder.is_dir():
        raise ConfigError(f"cannot write {target}: No such file or directory")
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise ConfigError(f"cannot write {target}: Permission denied")


def moment_of(option: str, given: str | None, of_day: time) -> datetime | None:
    """Read a moment; a bare date is the beginning or the end of that day, naive is UTC."""
    if given is None:
        return None
    try:
        if len(given) <= 10:
            return in_utc(datetime.combine(date.fromisoformat(given), of_day))
        return in_utc(datetime.fromisoformat(given))
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{option} {given!r} is no moment: write 2025-10-09 or 2025-10-09T09:00"
        ) from error
