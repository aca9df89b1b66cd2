"""Every command of `procx` with its options, from the first argument to the last byte."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import jsonschema
import openpyxl
import pandas as pd
import pytest
import typer.main

from procx_graph import CustomerBase
from procx_graph.assets import package_file
from procx_graph.cli import app
from procx_graph.tables.sample import write_parquet
from tests.e2e.terminal import Ran, procx

PROCX = Path(sys.executable).with_name("procx")
AGENTMAX = Path(__file__).parents[3] / "shared" / "data" / "AgentMAX_CX_dataset.xlsx"
COMMANDS = sorted(typer.main.get_group(app).commands)


# scan


def test_a_scan_tells_who_is_at_risk_and_what_was_decided(shop: Path) -> None:
    told = procx("scan", shop, "--limit", 4)

    assert told.code == 0
    assert "200 customers scored" in told.out
    for title in ("At risk", "Message to C", "Skipped by the gate", "Everybody else"):
        assert title in told.out


def test_what_does_not_go_to_a_terminal_is_plain_text(shop: Path) -> None:
    told = procx("scan", shop, "--limit", 2)

    assert "\x1b" not in told.out + told.err
    assert "━" not in told.out + told.err


def test_json_on_stdout_is_the_report_and_nothing_else(shop: Path) -> None:
    report = procx("scan", shop, "--limit", 3, "--json", "-").json

    schema = json.loads(package_file("scan_report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(report, schema)
    assert report["counts"]["processed"] == 3


def test_json_goes_to_a_file_beside_the_table(shop: Path, tmp_path: Path) -> None:
    told = procx("scan", shop, "--limit", 1, "--json", tmp_path / "report.json")

    assert "At risk" in told.out
    assert json.loads((tmp_path / "report.json").read_text())["counts"]["processed"] == 1


def test_the_same_scan_id_gives_the_same_bytes(shop: Path) -> None:
    ask = ("scan", shop, "--limit", 5, "--json", "-", "--scan-id", "monday", "--now", "2025-10-09")

    first, second = procx(*ask), procx(*ask)

    assert first.json["scan_id"] == "monday"
    assert first.out == second.out


@pytest.mark.slow
def test_another_process_gives_the_same_bytes_too(shop: Path) -> None:
    ask = [
        "scan",
        str(shop),
        "--limit",
        "5",
        "--json",
        "-",
        "--scan-id",
        "monday",
        "--now",
        "2025-10-09",
    ]

    there = subprocess.run(
        [PROCX, *ask], check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "5"}
    )

    assert there.stdout.decode() == procx(*ask).out
    assert there.stderr == b""


def test_floors_and_segments_narrow_the_queue(shop: Path) -> None:
    everybody = procx("scan", shop, "--json", "-").json["counts"]["eligible"]

    few = procx("scan", shop, "--json", "-", "--segment", "regular", "--min-risk", 0.05).json

    assert 0 < few["counts"]["eligible"] < everybody
    assert all(result["churn_risk"] >= 0.05 for result in few["results"])
    assert few["others"]["other_segment"] > 0
    rich = procx("scan", shop, "--json", "-", "--min-value", 1e9).json
    assert rich["counts"]["eligible"] == 0


def test_a_win_back_scan_asks_the_dormant_back_in_their_language() -> None:
    told = procx("scan", "--lane", "winback", "--limit", 6, "--language", "ta")
    report = procx(
        "scan", "--lane", "winback", "--limit", 6, "--language", "ta", "--json", "-"
    ).json

    assert told.code == 0
    for said in ("winback lane", "Most value to win back", "active: bought lately", "Message to C"):
        assert said in told.out
    assert report["lane"] == "winback"
    assert {result["state"] for result in report["results"]} == {"dormant"}
    asked = [r["message"] for r in report["results"] if r["reason"] == "win_back"]
    assert asked
    assert {message["language"] for message in asked} == {"ta"}
    assert all("STOP" in message["body"] for message in asked)


def test_without_a_lane_a_scan_is_the_retention_scan(shop: Path) -> None:
    ask = ("scan", shop, "--limit", 5, "--json", "-", "--scan-id", "x", "--now", "2025-10-09")

    plain = procx(*ask)

    assert plain.out == procx(*ask, "--lane", "retention").out
    assert plain.json["lane"] == "retention"
    assert {result["state"] for result in plain.json["results"]} == {"active"}
    assert "retention lane" in procx("scan", shop, "--limit", 1).out


def test_an_unknown_lane_is_refused_and_the_help_names_the_two(shop: Path) -> None:
    refused, told = procx("scan", shop, "--lane", "sideways"), procx("scan", "--help")

    assert (refused.code, refused.out) == (2, "")
    for lane in ("retention", "winback"):
        assert lane in refused.err
        assert lane in told.out


def test_a_diverse_scan_reaches_more_languages(shop: Path) -> None:
    def languages(*options: str) -> set[str]:
        report = procx("scan", shop, "--limit", 10, "--json", "-", *options).json
        return {r["message"]["language"] for r in report["results"] if r["message"]}

    assert len(languages("--diverse")) >= len(languages())


def test_language_and_channel_of_the_messages_can_be_chosen(shop: Path) -> None:
    ask = ("--language", "te", "--channel", "sms", "--limit", 3, "--json", "-")

    messages = [r["message"] for r in procx("scan", shop, *ask).json["results"] if r["message"]]

    assert {(m["language"], m["channel"]) for m in messages} <= {("te", "sms"), ("te", "email")}
    assert any(m["channel"] == "sms" for m in messages)


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_every_engine_gives_the_same_queue(shop: Path, engine: str) -> None:
    ask = ("--limit", 3, "--json", "-", "--scan-id", "x", "--now", "2025-10-09")

    assert procx("scan", shop, "--engine", engine, *ask).json == procx("scan", shop, *ask).json


def test_an_earlier_moment_knows_less(shop: Path) -> None:
    report = procx("scan", shop, "--as-of", "2025-06-30", "--json", "-", "--limit", 1).json

    assert report["as_of"].startswith("2025-06-30")
    assert report["counts"]["scored"] < 200


def test_the_seed_profile_brings_its_own_floors(shop: Path) -> None:
    report = procx("scan", shop, "--profile", "procx-seed", "--json", "-").json

    assert report["profile"]["name"] == "procx-seed"
    assert report["others"]["below_floor"] > 0


def test_other_names_are_mapped(shop: Path, tmp_path: Path) -> None:
    people = pd.read_parquet(shop / "customers.parquet")
    people.rename(columns={"customer_id": "Kunde"}).to_csv(tmp_path / "Kunden.csv", index=False)
    orders = pd.read_parquet(shop / "orders.parquet")
    orders.rename(columns={"customer_id": "Kunde"}).to_csv(tmp_path / "orders.csv", index=False)
    (tmp_path / "ours.toml").write_text(
        '[tables]\nKunden = "customers"\n'
        '[columns.customers]\nKunde = "customer_id"\n[columns.orders]\nKunde = "customer_id"\n'
    )

    report = procx("scan", tmp_path, "--map", tmp_path / "ours.toml", "--json", "-").json

    assert report["counts"]["scored"] == 200


def test_the_source_may_come_from_the_surroundings(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_SOURCE", str(shop))

    assert procx("scan", "--limit", 1, "--json", "-").json["counts"]["scored"] == 200


def test_a_dry_run_decides_and_drafts_but_opens_no_review(shop: Path, careful: Path) -> None:
    ask = ("--policy", careful, "--segment", "VIP", "--json", "-")

    report = procx("scan", shop, *ask, "--dry-run").json

    waiting = [result for result in report["results"] if result["status"] == "escalated"]
    assert waiting
    assert {result["review"]["review_id"] for result in waiting} == {None}


@pytest.mark.slow
def test_ctrl_c_gives_the_report_of_what_was_done(tmp_path: Path) -> None:
    write_parquet(6_000, tmp_path / "big", seed=1)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [PROCX, "scan", tmp_path / "big", "--limit", "6000"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
    ) as running:
        os.close(theirs)
        seen = b""
        while not re.search(rb" [1-9]\d*/\d{3,}", seen):
            seen += os.read(ours, 4096)
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=30)
    os.close(ours)

    found = re.search(rb"6,000 customers scored, [\d,]+ eligible, ([\d,]+) processed", told)
    assert found
    assert 0 < int(found[1].replace(b",", b"")) < 4_000
    assert b"Traceback" not in told


# scan --review


@pytest.fixture
def review(shop: Path, careful: Path, tmp_path: Path) -> Callable[..., tuple[Ran, list[str]]]:
    """Review the waiting cases of the shop's VIPs; give what was told and each case's end."""

    def answer(*typed: str) -> tuple[Ran, list[str]]:
        saved = tmp_path / "report.json"
        told = procx(
            *("scan", shop, "--policy", careful, "--segment", "VIP", "--language", "en"),
            *("--review", "--json", saved),
            typed="".join(f"{line}\n" for line in typed),
        )
        results = json.loads(saved.read_text())["results"] if saved.exists() else []
        return told, [r["status"] for r in results if r["status"] in {"escalated", "closed"}]

    return answer


Reviewing = Callable[..., tuple[Ran, list[str]]]


def test_a_reviewer_approves_rejects_dismisses_skips_and_quits(review: Reviewing) -> None:
    told, ends = review("a", "x", "d", "s", "q")

    assert told.code == 0
    assert sorted(ends) == ["closed"] * 3 + ["escalated"] * (len(ends) - 3)
    assert told.out.count("closed: a person") == 3


def test_an_answer_that_is_none_is_asked_again(review: Reviewing) -> None:
    told, ends = review("z", "approve", "q")

    assert ends.count("closed") == 1
    assert told.err.count("[a]pprove") == 3


def test_guidance_redrafts_the_message(review: Reviewing) -> None:
    told, ends = review("r", "in Hindi", "q")

    assert ends.count("closed") == 1
    assert re.search(r"[\u0900-\u097f]", told.out.split("closed: ")[1])


def test_guidance_that_rules_cannot_follow_says_what_they_can(review: Reviewing) -> None:
    told, ends = review("r", "sing it to them", "q")

    assert "not taken: without a model, guidance can name a tone" in " ".join(told.out.split())
    assert "closed" not in ends


def test_a_text_is_edited_in_the_reviewers_editor(
    review: Reviewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "draft = pathlib.Path(sys.argv[1])\n"
        "draft.write_text(draft.read_text().replace('Kind regards', 'Warm regards'))\n"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")

    told, ends = review("e", "q")

    assert ends.count("closed") == 1
    assert "Warm regards" in told.out.split("closed: ")[1]


def test_an_edit_that_the_checks_refuse_is_not_taken(
    review: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)

    told, ends = review("e", "Dear {surname}, your churn risk is high.", ".", "q")

    assert "not taken: the checks refuse this text" in told.out
    assert "closed" not in ends


def test_an_editor_that_cannot_run_is_named(
    review: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")

    told, ends = review("e", "a", "q")

    assert told.code == 0
    assert "not taken: the editor 'no-such-editor' gave no text" in " ".join(told.out.split())
    assert ends.count("closed") == 1


def test_the_end_of_the_input_quits(review: Reviewing) -> None:
    told, ends = review()

    assert told.code == 0
    assert set(ends) == {"escalated"}


def test_a_review_leaves_stdout_to_the_json(shop: Path, careful: Path) -> None:
    told = procx(
        *("scan", shop, "--policy", careful, "--segment", "VIP", "--review", "--json", "-"),
        typed="a\nq\n",
    )

    assert told.json["counts"]["closed"] == 1
    assert "Review 1 of" in told.err


# score and explain


def test_scores_are_summed_up_on_the_terminal(shop: Path) -> None:
    told = procx("score", shop, "--top", 3)

    assert "200 customers (" in told.out
    assert len(re.findall(r"^ *\d+ \| C\d{6}", told.out, re.MULTILINE)) == 3


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".xlsx": lambda path: pd.read_excel(path, engine="openpyxl"),
    ".json": pd.read_json,
}


@pytest.mark.parametrize("kind", READERS)
def test_a_score_table_reads_back_from_every_kind_of_file(
    shop: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / f"scores{kind}"

    told = procx("score", shop, "--out", out, "--engine", "duckdb")

    assert told.out == f"200 customers scored, written to {out}\n"
    table = READERS[kind](out)
    assert len(table) == 200
    assert list(table.columns[:5]) == ["customer_id", "as_of", "state", "health", "coverage"]
    assert table["health"].between(0, 100).all()
    drivers = table["drivers"][0]
    assert {"of", "factor", "contribution"} <= (
        json.loads(drivers) if isinstance(drivers, str) else drivers
    )[0].keys()


def test_a_customer_is_explained(shop: Path) -> None:
    who = CustomerBase.open(shop).customer_ids[0]

    told = procx("explain", who, "--source", shop)

    assert told.code == 0
    assert who in told.out
    assert "health" in told.out.lower()
    assert procx("explain", who, "--source", shop, "--json").json["customer_id"] == who


# validate and sample


def test_a_clean_base_is_valid(shop: Path) -> None:
    told = procx("validate", shop)

    assert "200 customers as of" in told.out
    assert "Nothing was set aside." in told.out


def test_validate_names_each_bad_cell(shop: Path, tmp_path: Path) -> None:
    for name in ("customers", "orders"):
        table = pd.read_parquet(shop / f"{name}.parquet")
        if name == "orders":
            table.loc[3, "total_amount"] = -5
            table.loc[4, "total_amount"] = -6
        table.to_csv(tmp_path / f"{name}.csv", index=False)

    told, report = procx("validate", tmp_path, "--rows", 1), procx("validate", tmp_path, "--json")

    assert re.search(r"orders +\| +5 \| total_amount +\| -5", told.out)
    assert "… and 1 more; --json lists them" in told.out
    [issues] = [t["issues"] for t in report.json["tables"] if t["name"] == "orders"]
    assert [(issue["row"], issue["column"]) for issue in issues] == [
        (5, "total_amount"),
        (6, "total_amount"),
    ]
    assert procx("validate", tmp_path, "--strict").code == 2


@pytest.mark.slow
def test_a_sample_workbook_comes_with_its_oracle(tmp_path: Path) -> None:
    out, oracle = tmp_path / "made.xlsx", tmp_path / "oracle.csv"

    told = procx("sample", "--customers", 60, "--seed", 3, "--out", out, "--oracle", oracle)

    assert told.out == f"60 customers in {out}\n"
    assert openpyxl.load_workbook(out, read_only=True).sheetnames[0] == "customers"
    assert len(CustomerBase.open(out)) == 60
    assert "customer_id" in pd.read_csv(oracle).columns


def test_a_sample_replaces_nothing_unless_forced(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    ask = ("sample", "--customers", 30, "--out", folder)

    assert procx(*ask).code == 0
    refused = procx(*ask)
    assert (refused.code, refused.out) == (2, "")
    assert "already there" in refused.err
    assert procx(*ask, "--force").code == 0
    assert len(CustomerBase.open(folder)) == 30


def test_the_same_seed_makes_the_same_sample(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        procx("sample", "--customers", 30, "--seed", seed, "--out", tmp_path / name)

    a, b, c = (CustomerBase.open(tmp_path / name).fingerprint for name in "abc")
    assert a == b != c


# demo


ENDS = {
    "vip_complaint": "escalated",
    "loyal_order_delay": "drafted",
    "new_customer_inquiry": "drafted",
    "high_value_at_risk": "escalated",
    "positive_feedback": "drafted",
}


@pytest.mark.slow
@pytest.mark.parametrize("source", [[], [AGENTMAX]], ids=["sample", "AgentMAX"])
def test_the_five_scenarios_end_as_written(source: list[Path]) -> None:
    if source and not AGENTMAX.exists():
        pytest.skip("no AgentMAX workbook beside the checkout")

    played = procx("demo", *source, "--json").json

    assert {one["scenario"]: one["result"]["status"] for one in played} == ENDS
    assert all(one["result"]["message"]["body"] for one in played)
    assert len({one["result"]["customer_id"] for one in played}) == 5


@pytest.mark.slow
def test_a_demo_shows_each_agent_as_it_comes() -> None:
    told = procx("demo", "--count", 2)

    agents = re.findall(
        r"^  (context|pattern|decision|empathy|escalation) ", told.out, re.MULTILINE
    )
    assert agents == [
        *("context", "pattern", "decision", "escalation"),
        *("context", "pattern", "decision", "empathy"),
    ]


# the command itself


def test_it_says_its_version() -> None:
    assert procx("--version").out == f"procx {version('procx_graph')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    told = procx(command, "--help")

    assert told.code == 0
    assert re.search(rf"Examples?:\s+procx {command}", told.out)


def test_no_command_is_undocumented() -> None:
    assert set(COMMANDS) == {
        "doctor", "eval",
        "db", "demo", "evaluate", "event-driven", "events", "explain", "history", "inbox", "listen",
        "load", "outbox", "outcome", "policy", "report", "rescore", "review", "sample", "scan",
        "scans", "score", "train", "validate", "watch",
    }  # fmt: skip


def _completing(**asked: str) -> str:
    done = subprocess.run(
        [PROCX], check=False, capture_output=True, text=True, env=os.environ | asked
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_a_completion_script(shell: str) -> None:
    assert "_PROCX_COMPLETE" in _completing(_PROCX_COMPLETE=f"source_{shell}")


@pytest.mark.slow
def test_profiles_and_commands_complete() -> None:
    def complete(line: str) -> str:
        words = str(len(line.split(" ")) - 1)
        return _completing(_PROCX_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=words)

    assert complete("procx s").split() == ["scan", "scans", "score", "sample"]
    assert complete("procx scan --profile p").split() == ["procx-seed"]
    assert complete("procx scan --segment V").split() == ["VIP"]
    assert complete("procx scan --lane w").split() == ["winback"]
