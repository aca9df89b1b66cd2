"""How a scan may be told to behave."""

from typing import Any

import pytest

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
