"""Loading a policy."""

from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from procx_graph.errors import ConfigError
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import a_policy


@pytest.fixture
def default_text() -> str:
    return (files("procx_graph") / "outreach/policy/default.toml").read_text(encoding="utf-8")


def test_the_default_policy_has_the_limits_that_were_agreed() -> None:
    policy = load_policy()

    assert policy.name == "default"
    assert (policy.offers.automatic_limit, policy.offers.hard_cap) == (0.10, 0.15)
    assert (policy.escalation.low_csat, policy.escalation.low_csat_tickets) == (2.5, 2)
    assert policy.escalation.high_value == 5000
    assert (policy.escalation.vip_top_share, policy.escalation.high_value_top_share) == (0.05, 0.01)
    assert {team.name: team.sla_hours for team in policy.teams.matrix} == {
        "CX Tier 1": 24,
        "CX Tier 2": 12,
        "Payments Team": 8,
        "Logistics Team": 18,
        "Product Quality": 48,
    }


def test_a_policy_is_the_default_by_name_or_by_silence() -> None:
    assert load_policy() == load_policy("default") == load_policy(None)


def test_a_policy_in_hand_is_given_back() -> None:
    policy = a_policy(cooldown_days=3)

    assert load_policy(policy) is policy


def test_a_copy_of_the_default_can_be_changed_and_has_another_hash(
    tmp_path: Path, default_text: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(default_text.replace("cooldown_days = 7", "cooldown_days = 14"), "utf-8")
    policy = load_policy(file)

    assert policy.cooldown_days == 14
    assert policy.hash != load_policy().hash
    assert load_policy(str(file)).hash == policy.hash


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("cooldown_days = 7", "cooldown_days = -7", "cooldown_days"),
        ("cooldown_days = 7", "cooldown_dais = 7", "cooldown_da"),
        ("late_days = 2", "late_days = 0", "evidence.late_days"),
        ('vip_level = "high"', 'vip_level = "hihg"', "escalation.vip_level"),
        ("hard_cap = 0.15", "hard_cap = 0.12", "come-back-15"),
        ('default = "CX Tier 1"', 'default = "CX Tier 0"', "CX Tier 0"),
    ],
)
def test_a_wrong_policy_is_one_error_that_names_the_file_and_the_entry(
    tmp_path: Path, default_text: str, before: str, after: str, named: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(default_text.replace(before, after), "utf-8")

    with pytest.raises(ConfigError) as refused:
        load_policy(file)

    assert str(file) in str(refused.value)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_policy_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="no-such-policy"):
        load_policy("no-such-policy")


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("name = ", "utf-8")

    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_policy(file)


@pytest.mark.parametrize("sender", ["Asha\nBcc: all", "Asha\r", ""])
def test_a_sender_is_one_line(sender: str) -> None:
    with pytest.raises(ValidationError, match="sender"):
        a_policy(sender=sender)
