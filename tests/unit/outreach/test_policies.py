"""Loading a policy."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from procx_graph.domain.policy import Policy
from procx_graph.errors import ConfigError
from procx_graph.outreach.policies import (
    default_policy_text,
    load_policy,
    policy_problems,
    policy_schema,
)
from procx_graph.outreach.policy_changes import policy_changes
from procx_graph.outreach.policy_summary import policy_remarks, policy_summary
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


def test_every_wrong_key_is_named_and_the_right_one_is_guessed(
    tmp_path: Path, default_text: str
) -> None:
    file = tmp_path / "mine.toml"
    wrong = (
        default_text.replace("late_days = 2", "late_days = 0")
        .replace("percent_off = 0.05", 'percent_off = "abc"')
        .replace('opens = "12:00"', 'openes = "12:00"')
        .replace('country = "IN"', 'country = "India"')
    )
    file.write_text(wrong, "utf-8")
    found = {problem.key: problem.text for problem in policy_problems(file)}

    assert set(found) == {
        "evidence.late_days",
        "offers.catalogue.2.percent_off",
        "contact.hours.4.opens",
        "contact.hours.4.openes",
        "contact.hours.6.country",
    }
    assert "'opens'" in found["contact.hours.4.openes"]
    with pytest.raises(ConfigError) as refused:
        load_policy(file)
    assert all(key in str(refused.value) for key in found)


def test_every_contradiction_is_named(tmp_path: Path, default_text: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(default_text.replace("hard_cap = 0.15", "hard_cap = 0.04"), "utf-8")
    told = " ".join(map(str, policy_problems(file)))

    for name in ("automatic_limit", "come-back-15", "come-back-10", "come-back-5"):
        assert name in told


def test_the_default_policy_has_nothing_wrong_and_is_all_told() -> None:
    assert policy_problems() == policy_problems("default") == []
    told = "\n".join(policy_summary(load_policy()))
    for word in ("10%", "15%", "7 days", "IN, marketing, 10:00-21:00", "nobody"):
        assert word in told
    assert policy_remarks(load_policy()) == []
    assert "5 to 10 %" in policy_remarks(a_policy(holdout={"share": 0.3}))[0]


def test_the_default_says_what_the_code_says_without_it(default_text: str) -> None:
    names = set(load_policy().model_dump()) - {"sender", "domains"}
    top = {line.split("=")[0].strip() for line in default_text.splitlines() if " = " in line}

    for name in names:
        assert name in top or f"[{name}" in default_text


def test_what_differs_is_told_key_by_key() -> None:
    other = load_policy().model_dump(mode="json")
    other["cooldown_days"] = 14
    other["offers"]["catalogue"][2]["percent_off"] = "4%"
    other["playbooks"][0]["channels"] = ["sms"]
    other["offers"]["catalogue"].pop(0)
    changes = policy_changes(load_policy(), Policy.model_validate(other))
    texts = {change.key: change.text for change in changes}

    assert texts["cooldown_days"] == "cooldown_days: 14 instead of 7"
    assert "0.04 instead of 0.05" in texts["offers.catalogue[come-back-5].percent_off"]
    assert "second does not have it" in texts["offers.catalogue[come-back-15]"]
    assert "sms" in texts["playbooks[complaint].channels"]
    assert len(changes) == 4
    assert policy_changes(load_policy(), load_policy()) == []


def test_the_order_of_a_list_is_a_difference() -> None:
    other = load_policy().model_dump(mode="json")
    other["playbooks"][:2] = reversed(other["playbooks"][:2])
    changes = policy_changes(load_policy(), Policy.model_validate(other))

    assert [change.key for change in changes] == ["playbooks"]
    assert changes[0].text.startswith("playbooks: the order is now payment_failed, complaint")


def test_the_order_of_keys_in_the_file_changes_no_hash(tmp_path: Path, default_text: str) -> None:
    file = tmp_path / "mine.toml"
    lines = default_text.splitlines()
    first, second = (i for i, line in enumerate(lines) if line.startswith(("praise", "inquiry")))
    lines[first], lines[second] = lines[second], lines[first]
    file.write_text("\n".join(lines), "utf-8")

    assert load_policy(file).hash == load_policy().hash


def test_the_schema_describes_the_default_and_each_key() -> None:
    schema = policy_schema()

    assert {"contact", "holdout", "approval", "offers", "playbooks"} <= set(schema["properties"])
    assert "Approval" in schema["$defs"]
    assert json.loads(json.dumps(schema)) == schema


def test_the_default_can_be_read_with_its_comments(default_text: str) -> None:
    assert default_policy_text() == default_text
    assert "#" in default_text


@pytest.mark.parametrize("sender", ["Asha\nBcc: all", "Asha\r", ""])
def test_a_sender_is_one_line(sender: str) -> None:
    with pytest.raises(ValidationError, match="sender"):
        a_policy(sender=sender)


def test_the_summary_tells_festivals_and_when_teams_work() -> None:
    office = {"time_zone": "Asia/Kolkata", "holidays": "IN", "opens": "09:30", "closes": "18:30"}
    night = {"days": [6, 7], "opens": "00:00", "closes": "00:00"}
    cases = {"calendar": office | {"days": [1, 2]}, "calendars": {"Payments Team": night}}
    policy = a_policy(festivals={"enabled": True, "names": ["diwali"]}, cases=cases)

    told = policy_summary(policy)

    assert "Festivals: diwali, greeted up to 3 days ahead" in told
    assert "Clock of cases: Mon Tue, 09:30-18:30 Asia/Kolkata, not on holidays of IN" in told
    assert "Clock of Payments Team: Sat Sun, round the clock" in told
