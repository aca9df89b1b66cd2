from pathlib import Path

import pytest
from pydantic import ValidationError

from procx_graph.domain.event_type import EventType, Valence
from procx_graph.domain.factor_rules import SupportRule
from procx_graph.domain.profile import Missing, Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.profiles import SHIPPED, load_profile

SHIPPED_FILES = Path("procx_graph/scoring/profiles")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_weights_of_a_shipped_profile_add_up_to_a_hundred(name: str) -> None:
    profile = load_profile(name)

    assert profile.name == name
    assert sum(profile.weights.values()) == 100


def test_only_the_seed_profile_has_floors_and_neutral_values() -> None:
    default, seed = load_profile("default-v1"), load_profile("procx-seed")

    assert (default.min_risk, default.min_value, default.missing) == (
        None,
        None,
        Missing.RENORMALISE,
    )
    assert (seed.min_risk, seed.min_value, seed.missing) == (0.6, 1000, Missing.NEUTRAL)


def test_every_bad_event_is_a_trouble_or_told_beside_the_table_that_counts_it() -> None:
    rule = load_profile().factors.support_history
    bad = {one.column_value for one in EventType if one.traits.valence is Valence.NEGATIVE}

    assert set(rule.cited_events) == bad - {EventType.NPS_DETRACTOR.column_value}
    assert load_profile("procx-seed").factors.support_history.cited_events == ()


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ({"told_events": ("Order_Delayed",)}, "name an event twice"),
        ({"delay_events": ("payment_failed",)}, "'payment_failed', which is no trouble event"),
    ],
)
def test_events_that_cannot_be_told_apart_are_refused(
    lists: dict[str, tuple[str, ...]], message: str
) -> None:
    rule = load_profile().factors.support_history.model_dump()

    with pytest.raises(ValidationError, match=message):
        SupportRule.model_validate(rule | lists)


def test_the_hash_changes_with_any_number_and_only_then() -> None:
    profile = load_profile()
    longer = profile.model_copy(
        update={"states": profile.states.model_copy(update={"new_days": 31})}
    )

    assert profile.hash == Profile.model_validate(profile.model_dump()).hash
    assert profile.hash != longer.hash
    assert len(profile.hash) == 12


def test_a_users_profile_is_read_from_its_path(tmp_path: Path) -> None:
    text = package_text().replace('name = "default-v1"', 'name = "ours"')
    (tmp_path / "ours.toml").write_text(text)

    assert load_profile(tmp_path / "ours.toml").name == "ours"


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="'default-v2'; known are default-v1, procx-seed"):
        load_profile("default-v2")


def test_a_missing_file_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match=r"no such file: nowhere\.toml"):
        load_profile("nowhere.toml")


def test_an_unknown_key_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    text = package_text().replace("csat_share = 0.6", "csat_share = 0.6\ncsat_weight = 1")
    (tmp_path / "ours.toml").write_text(text)

    with pytest.raises(ConfigError, match=r"factors\.support_history\.csat_weight: unknown key;"):
        load_profile(tmp_path / "ours.toml")


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("[[0, 1.0], [7, 0.9]", "[[9, 1.0], [7, 0.9]", "x of a curve must rise"),
        ("high = 2.5", "high = 5.0", "medium < high < critical"),
        ("weight = 12", "weight = 0", "greater than 0"),
        ("Platinum = 1.0", "Platinum = 1.5", "between 0 and out_of"),
        ('missing = "renormalise"', 'missing = "neutral"', "needs neutral points for segment"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(
    tmp_path: Path, right: str, wrong: str, problem: str
) -> None:
    (tmp_path / "ours.toml").write_text(package_text().replace(right, wrong))

    with pytest.raises(ConfigError, match=problem):
        load_profile(tmp_path / "ours.toml")


def test_a_profile_may_extend_another_and_say_only_what_it_changes(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'extends = "default-v1"\nname = "ours"\n[factors.nps]\nweight = 9\n'
    )
    (tmp_path / "deeper.toml").write_text('extends = "ours.toml"\n[states]\nnew_days = 5\n')

    deeper, default = load_profile(tmp_path / "deeper.toml"), load_profile()

    assert (deeper.name, deeper.states.new_days, deeper.factors.nps.weight) == ("ours", 5, 9)
    assert deeper.factors.nps.curve == default.factors.nps.curve
    assert deeper.factors.tenure == default.factors.tenure
    assert default.factors.nps.weight == 5


def test_a_folder_stands_for_its_profile(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text('extends = "procx-seed"\n')

    assert load_profile(tmp_path).hash == load_profile("procx-seed").hash
    assert load_profile(str(tmp_path)).hash == load_profile("procx-seed").hash


def test_a_folder_without_a_profile_is_refused_by_the_files_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file: .*profile\.toml"):
        load_profile(tmp_path)


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        ('"ours.toml"', "extends itself"),
        ('"default-v9"', "no profile"),
        ("7", "extends must be a name or a path"),
        ('"gone.toml"', "no such file"),
    ],
)
def test_a_profile_cannot_extend_itself_or_nothing(
    tmp_path: Path, extends: str, problem: str
) -> None:
    (tmp_path / "ours.toml").write_text(f"extends = {extends}\n")

    with pytest.raises(ConfigError, match=problem):
        load_profile(tmp_path / "ours.toml")


def test_a_learned_model_that_is_no_file_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('extends = "default-v1"\n[risk]\nlearned = 7\n')

    with pytest.raises(ConfigError, match=r"risk\.learned"):
        load_profile(tmp_path / "ours.toml")


def package_text() -> str:
    return (SHIPPED_FILES / "default-v1.toml").read_text()
