"""How a scan may be told to behave."""

from typing import Any

import pytest

from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel
from procx_graph.errors import ConfigError
from procx_graph.monitor.surroundings import ScanOptions


def test_a_scan_takes_ten_for_real_unless_told_otherwise() -> None:
    options = ScanOptions.of()

    assert (options.limit, options.dry_run, options.diverse) == (10, False, False)


def test_no_limit_means_everybody() -> None:
    assert ScanOptions.of(limit=None).limit is None


def test_a_channel_may_be_given_by_name() -> None:
    assert ScanOptions.of(channel="sms").channel is Channel.SMS


def test_a_scan_is_for_retention_unless_told_otherwise() -> None:
    assert ScanOptions.of().lane is Lane.RETENTION
    assert ScanOptions.of(lane="winback").lane is Lane.WINBACK


@pytest.mark.parametrize("lane", ["sideways", "WINBACK", "win-back", "", None, 1])
def test_an_unknown_lane_is_refused_and_the_two_are_named(lane: Any) -> None:
    with pytest.raises(ConfigError, match=r"scan option lane: .*'retention' or 'winback'"):
        ScanOptions.of(lane=lane)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"min_risk": 1.5}, "min_risk"),
        ({"min_risk": float("nan")}, "min_risk"),
        ({"min_value": -1}, "min_value"),
        ({"channel": "pigeon"}, "channel"),
        ({"scan_id": ""}, "scan_id"),
        ({"dryrun": True}, "dryrun"),
    ],
)
def test_a_wrong_option_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=f"scan option {said}"):
        ScanOptions.of(**wrong)
