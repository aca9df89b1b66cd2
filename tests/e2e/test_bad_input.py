"""Bad input gives one clear line and exit code 2, or harmless output; never a traceback."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

from procx_graph import CustomerBase, Monitor, ProcxError
from tests.e2e.terminal import Ran, procx

TODAY = "2025-10-08"
ESCAPE = "\x1b[31m"


def write(folder: Path, **tables: Iterable[dict[str, Any]]) -> Path:
    """Write tables as CSV files into the folder."""
    for name, rows in tables.items():
        pd.DataFrame(list(rows)).to_csv(folder / f"{name}.csv", index=False)
    return folder


def orders(customer_id: str, *, amount: object = 40, first: str = "2025-02-01") -> list[Any]:
    """Six orders, a month apart."""
    days = pd.date_range(first, periods=6, freq="30D")
    return [
        {
            "order_id": f"{customer_id}-{number}",
            "customer_id": customer_id,
            "order_date": day,
            "total_amount": amount,
        }
        for number, day in enumerate(days)
    ]


def refused(told: Ran, *said: str) -> None:
    """Check that a command ended with one line on stderr that says these things."""
    assert told.code == 2
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    for words in said:
        assert words in told.err


# what does not exist


@pytest.mark.parametrize("command", ["scan", "score", "demo", "validate"])
@pytest.mark.parametrize("source", ["{}/no.xlsx", "{}/no-folder", "sqlite:///{}/no.db"])
def test_an_unknown_source_is_named(command: str, source: str, tmp_path: Path) -> None:
    refused(procx(command, source.format(tmp_path)), source.rsplit("/", 1)[1])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url",
    ["nosuch://me:hunter2@host/db", "postgresql+psycopg://me:hunter2@127.0.0.1:1/db", "://hunter2"],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(url: str) -> None:
    told = procx("scan", url)

    refused(told)
    assert "hunter2" not in told.err


def test_a_workbook_without_customers_says_which_sheets_it_has(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "x.xlsx", sheet_name="Blatt", index=False)

    refused(procx("scan", tmp_path / "x.xlsx"), "customers", "Blatt")


def test_customers_without_an_id_column_are_refused(tmp_path: Path) -> None:
    refused(procx("scan", write(tmp_path, customers=[{"name": "x"}])), "customer_id")


def test_a_text_file_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("customer_id\nC1\n")

    refused(procx("scan", tmp_path / "x.xlsx"), "x.xlsx")


def test_a_binary_file_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "orders.parquet").write_bytes(b"PAR1 but not really")

    refused(procx("scan", tmp_path))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    refused(procx("scan", tmp_path), tmp_path.name)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[columns.customers]\nKunde = "customerid"', "customerid"),
        ('[tables]\nKunden = "clients"', "clients"),
        ('[columns.customers]\nmissing = "city"', "missing"),
        ("nonsense = 1", "nonsense"),
        ("not toml", "map.toml"),
    ],
)
def test_a_mapping_to_what_does_not_exist_is_named(
    shop: Path, tmp_path: Path, toml: str, said: str
) -> None:
    (tmp_path / "map.toml").write_text(toml)

    refused(procx("validate", shop, "--map", tmp_path / "map.toml"), said)


def test_an_unknown_customer_is_named(shop: Path) -> None:
    refused(procx("explain", "C999", "--source", shop), "C999")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--profile", "best"], "best"),
        (["--profile", "no.toml"], "no.toml"),
        (["--policy", "no.toml"], "no.toml"),
        (["--map", "no.toml"], "no.toml"),
        (["--as-of", "yesterday"], "yesterday"),
        (["--engine", "excel"], "excel"),
        (["--language", "klingon"], "klingon"),
        (["--channel", "pigeon"], "pigeon"),
        (["--limit", "0"], "limit"),
        (["--limit", "many"], "--limit"),
        (["--min-risk", "2"], "min-risk"),
        (["--colour"], "colour"),
    ],
)
def test_an_option_that_cannot_be_is_named(shop: Path, options: list[str], said: str) -> None:
    told = procx("scan", shop, *options)

    assert told.err.count("\n") == 1, told.err
    assert told.code == 2
    assert said in told.err


def test_an_unknown_command_is_named() -> None:
    refused(procx("scam"), "scam")


def test_a_wrong_key_of_a_policy_is_named(shop: Path, careful: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(careful.read_text().replace("hard_cap = 0.15", "hard_cap = 15"))

    refused(procx("scan", shop, "--policy", wrong), "wrong.toml", "hard_cap")


def test_a_report_that_cannot_be_written_is_refused(shop: Path, tmp_path: Path) -> None:
    told = procx("scan", shop, "--json", tmp_path / "no" / "such" / "report.json")

    assert told.code == 2
    assert "report.json: No such file or directory" in told.err.splitlines()[-1]


def test_a_moment_before_anything_happened_knows_nobody(shop: Path) -> None:
    told = procx("scan", shop, "--as-of", "1900-01-01", "--json", "-")

    assert told.json["counts"]["scored"] == 0


@pytest.mark.parametrize("name", ["scores.pdf", "scores", "no/such/folder/scores.csv"])
def test_a_score_table_that_cannot_be_written_is_refused(
    shop: Path, tmp_path: Path, name: str
) -> None:
    refused(procx("score", shop, "--out", tmp_path / name), "scores")


@pytest.mark.parametrize("out", ["/proc/x.xlsx", "/proc/folder"])
def test_a_sample_that_cannot_be_written_is_refused(out: str) -> None:
    refused(procx("sample", "--customers", 10, "--out", out), out)


# odd but possible data


def test_a_base_without_anybody_is_scored(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("customer_id\n")

    told = procx("scan", tmp_path, "--as-of", TODAY, "--json", "-")

    assert told.json["counts"]["scored"] == 0
    assert procx("score", tmp_path, "--as-of", TODAY, "--out", tmp_path / "s.csv").code == 0
    refused(procx("scan", tmp_path), "as_of")
    refused(procx("demo", tmp_path, "--as-of", TODAY), "vip_complaint")


def test_one_customer_is_enough(tmp_path: Path) -> None:
    write(tmp_path, customers=[{"customer_id": "C1"}], orders=orders("C1"))

    report = procx("scan", tmp_path, "--json", "-").json

    assert (report["counts"]["scored"], report["counts"]["failed"]) == (1, 0)
    assert procx("explain", "C1", "--source", tmp_path).code == 0


def test_the_first_of_two_customers_with_one_id_is_kept(tmp_path: Path) -> None:
    people = [{"customer_id": "C1", "city": city} for city in ("Oslo", "Rome")]
    write(tmp_path, customers=people, orders=orders("C1"))

    told = procx("validate", tmp_path)

    assert told.code == 0
    assert "C1" in told.out
    base = CustomerBase.open(tmp_path)
    assert (len(base), base.customer("C1").city) == (1, "Oslo")
    refused(procx("scan", tmp_path, "--strict"), "customers row 3", "customer_id")


def test_what_happens_in_the_future_does_not_exist_yet(tmp_path: Path) -> None:
    rows = [*orders("C1"), *orders("C1", first="2099-01-01")]
    write(tmp_path, customers=[{"customer_id": "C1"}], orders=rows)

    report = procx("scan", tmp_path, "--as-of", TODAY, "--json", "-").json

    assert report["as_of"].startswith(TODAY)
    assert report["counts"]["failed"] == 0
    rows_then = CustomerBase.open(tmp_path, as_of=TODAY).table("orders").collect()
    assert len(rows_then) == 6


def test_negative_amounts_are_set_aside_and_told(tmp_path: Path) -> None:
    rows = [*orders("C1"), *orders("C2", amount=-40)]
    write(tmp_path, customers=[{"customer_id": "C1"}, {"customer_id": "C2"}], orders=rows)

    told = procx("scan", tmp_path)

    assert told.code == 0
    assert "6 cells were set aside" in told.err
    refused(procx("scan", tmp_path, "--strict"), "orders row 8", "total_amount", "-40")


def test_nothing_known_of_anybody_is_no_error(tmp_path: Path) -> None:
    columns = ["first_name", "segment", "lifetime_value", "signup_date", "language", "email"]
    people = [{"customer_id": f"C{n}"} | dict.fromkeys(columns, "NaN") for n in range(5)]
    nothing = dict.fromkeys(["order_date", "total_amount", "status"], float("nan"))
    rows = [{"order_id": n, "customer_id": f"C{n}"} | nothing for n in range(5)]
    write(tmp_path, customers=people, orders=rows)

    told = procx("scan", tmp_path, "--as-of", TODAY, "--json", "-")

    assert told.json["counts"]["scored"] == 5
    assert "NaN" not in told.out


def test_names_in_any_script_reach_the_message(tmp_path: Path) -> None:
    names = {"C1": "தமிழ்ச்செல்வி", "C2": "Nguyễn", "C3": "محمد", "C4": "李"}
    people = [
        {"customer_id": key, "first_name": name, "language": "en", "email": "a@example.com",
         "opt_in_marketing": True, "signup_date": "2024-01-01"}
        for key, name in names.items()
    ]  # fmt: skip
    write(tmp_path, customers=people, orders=[row for key in names for row in orders(key)])

    report = procx("scan", tmp_path, "--json", "-").json

    texts = {r["customer_id"]: r["message"]["body"] for r in report["results"] if r["message"]}
    assert texts.keys() == names.keys()
    assert all(names[key] in text for key, text in texts.items())


# data that would like to be something else


HOSTILE = [
    "=HYPERLINK(1,2)", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "[red]x[/red]", "[/]", "[link=x]",
    "<script>alert(1)</script>", f"{ESCAPE}red", "\x9b31m", "\x07bell", "\u202eright", "{{ 7*7 }}",
    "{first_name}", "a\nb", "'; DROP TABLE customers", "%s%n", "../../etc/passwd",
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base in which every text would like to be an instruction to somebody."""
    ids = [f"{text}{number}" for number, text in enumerate(HOSTILE)]
    people = [
        {"customer_id": key, "first_name": text, "last_name": text, "city": text,
         "segment": "VIP" if number % 2 else text, "language": "en", "email": "a@example.com",
         "opt_in_marketing": True, "signup_date": "2023-01-01", "lifetime_value": 9000}
        for number, (key, text) in enumerate(zip(ids, HOSTILE, strict=True))
    ]  # fmt: skip
    tickets = [
        {"ticket_id": text, "customer_id": key, "category": text, "initial_message": text,
         "status": "open", "created_at": "2025-06-29", "final_message_summary": text}
        for key, text in zip(ids, HOSTILE, strict=True)
    ]  # fmt: skip
    return write(
        tmp_path_factory.mktemp("hostile"),
        customers=people,
        orders=[row for key in ids for row in orders(key)],
        support_tickets=tickets,
    )


@pytest.mark.parametrize(
    "ask",
    [
        ["scan", "--limit", "50"],
        ["scan", "--limit", "50", "--review"],
        ["score", "--top", "50"],
        ["validate"],
        ["demo"],
    ],
)
def test_hostile_text_does_not_reach_the_terminal(hostile: Path, ask: list[str]) -> None:
    told = procx(ask[0], hostile, *ask[1:], typed="a\n" * 50)

    assert "Traceback" not in told.err
    shown = told.out + told.err
    assert not any(char in shown for char in "\x1b\x9b\x07\u202e")
    if ask[0] == "scan":
        assert "[red]" in shown
        assert "0 failed" in shown


def test_hostile_text_stays_text_in_json(hostile: Path) -> None:
    report = procx("scan", hostile, "--limit", 50, "--json", "-").json

    assert report["counts"]["failed"] == 0
    ids = {result["customer_id"] for result in report["results"]}
    assert f"{ESCAPE}red9" in ids or "red9" in {name.removeprefix(ESCAPE) for name in ids}


def test_hostile_text_stays_text_in_a_notebook(hostile: Path) -> None:
    with Monitor(CustomerBase.open(hostile)) as monitor:
        shown = monitor.scan(50)._repr_html_()

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_no_cell_of_a_score_table_is_a_formula(hostile: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"scores{kind}"

    assert procx("score", hostile, "--out", out).code == 0

    if kind == ".csv":
        cells = [str(c) for row in pd.read_csv(out, dtype=str).fillna("").to_numpy() for c in row]
    else:
        sheet = openpyxl.load_workbook(out).active
        assert sheet is not None
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
        cells = [c for row in sheet.iter_rows(values_only=True) for c in row if isinstance(c, str)]
    assert not [c for c in cells if c.startswith(("=", "+", "@", "\t")) or c.startswith("-1+")]


def test_an_error_shows_hostile_names_harmlessly(shop: Path, tmp_path: Path) -> None:
    refused(procx("explain", f"{ESCAPE}[red]", "--source", shop))
    for told in (
        procx("explain", f"{ESCAPE}[red]", "--source", shop),
        procx("scan", tmp_path / f"{ESCAPE}x.xlsx"),
        procx("scan", shop, "--profile", f"{ESCAPE}x"),
        procx("scan", shop, "--engine", f"{ESCAPE}x"),
    ):
        assert "\x1b" not in told.out + told.err


@pytest.fixture(scope="module")
def verbose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base with a customer and a ticket whose texts have a million characters each."""
    long = "x" * 1_000_000
    person = {
        "customer_id": "C1", "first_name": long, "city": long, "segment": long, "language": "en",
        "email": "a@example.com", "opt_in_marketing": True, "signup_date": long,
    }  # fmt: skip
    ticket = {
        "ticket_id": long, "customer_id": "C1", "category": long,
        "initial_message": long, "status": "open", "created_at": "2025-06-20",
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("verbose")
    return write(folder, customers=[person], orders=orders("C1"), support_tickets=[ticket])


@pytest.mark.slow
@pytest.mark.parametrize(
    "ask",
    [
        ["scan", "{}"],
        ["scan", "{}", "--json", "-"],
        ["score", "{}"],
        ["validate", "{}"],
        ["explain", "C1", "--source", "{}"],
    ],
)
def test_a_cell_of_a_million_characters_is_read_and_not_repeated(
    verbose: Path, ask: list[str]
) -> None:
    command = [sys.executable, "-m", "procx_graph", *(word.format(verbose) for word in ask)]

    told = subprocess.run(command, capture_output=True, timeout=25, check=True)

    assert len(told.stdout) + len(told.stderr) < 200_000


# the same in Python


@pytest.mark.parametrize(
    "ask",
    [
        lambda base: base.customer("nobody"),
        lambda base: base.table("no_table"),
        lambda base: base.at("soon"),
        lambda base: Monitor(base, profile="no-profile"),
        lambda base: Monitor(base, policy="no-policy.toml"),
        lambda base: Monitor(base, engine="excel").score(),  # type: ignore[arg-type] # the bad input
        lambda base: Monitor(base, concurrency=0),
        lambda base: Monitor(base).scan(0),
        lambda base: Monitor(base).scan(colour="red"),
        lambda base: Monitor(base).scan(1, channel="pigeon"),
        lambda base: Monitor(base).scan(1, segments="VIP"),
        lambda base: Monitor(base).process("nobody"),
        lambda base: Monitor(base).resolve("rev_none", "approve"),
        lambda base: CustomerBase.from_frames({}),
        lambda base: CustomerBase.from_frames({"customers": pd.DataFrame({"a": [1]})}),
        lambda base: CustomerBase.open("nothing-here"),
    ],
)
def test_bad_input_raises_an_error_of_our_tree(shop: Path, ask: Any) -> None:
    with pytest.raises(ProcxError):
        ask(CustomerBase.open(shop))


@pytest.fixture
def spoilt(shop: Path, tmp_path: Path) -> Path:
    """The shop, with every third order below zero."""
    spoilt = shutil.copytree(shop, tmp_path / "spoilt")
    orders = pl.read_parquet(spoilt / "orders.parquet").with_row_index()
    below = pl.when(pl.col("index") % 3 == 0).then(-5.0).otherwise("total_amount")
    orders.with_columns(total_amount=below).drop("index").write_parquet(spoilt / "orders.parquet")
    return spoilt


@pytest.mark.parametrize(
    "command", [("score", "SHOP"), ("evaluate", "SHOP", "--cut-offs", 1, "--method", "recency")]
)
def test_rows_that_were_set_aside_are_told_beside_the_result(
    command: tuple[str, ...], spoilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(spoilt)

    done = procx(*(spoilt if word == "SHOP" else word for word in command))

    assert done.code == 0
    assert "cells were set aside; procx validate tells which" in done.err
