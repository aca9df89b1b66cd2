"""`procx report`, in all its forms."""

import re
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from procx_graph.store import Store
from tests.e2e.terminal import procx
from tests.integration.worked import NASTY, an_experiment, worked

MOMENT = ("--now", "2025-06-30T12:00")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which people worked, with two experiments: one is large enough, one is not."""
    place = tmp_path_factory.mktemp("store") / "procx.db"
    with Store.open(place) as store:
        worked(store)
        an_experiment(store, held=(800, 1_000), treated=(7_740, 9_000))
        an_experiment(store, held=(8, 10), treated=(80, 90), name=NASTY)
    return place


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    place = tmp_path / "empty.db"
    Store.open(place).close()
    return place


def test_the_terminal_tells_every_topic(full: Path) -> None:
    ran = procx("report", "--store", full, *MOMENT)

    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    heads = [found[1] for line in lines if (found := re.match(r"([A-Z][a-z]+)  [A-Z]", line))]
    assert heads == ["Triggers", "Uplift", "Offers", "Deadlines", "Waiting", "Messages"]
    assert "Of the treated, more stayed: +6.0 points" in ran.out
    assert "10 of 859 needed, 849 more to go" in ran.out
    assert "For a person to decide" in ran.out
    assert "\x1b" not in ran.out
    assert "[red]" in ran.out


def test_the_json_is_the_figures_and_nothing_else(full: Path) -> None:
    first, again = (procx("report", "--store", full, *MOMENT, "--json", "-") for _ in range(2))

    assert first.code == 0
    assert first.out == again.out
    found = first.json
    assert found["uplifts"][0]["verdict"] in {"higher", "not_enough_data"}
    assert {one["name"]: one["runs"] for one in found["triggers"]}["gone_quiet"] == 30
    assert found["offer_totals"]["cost"] == 12.5


def test_the_json_may_go_to_a_file_beside_what_is_told(full: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"

    ran = procx("report", "--store", full, *MOMENT, "--json", target)

    assert "Triggers" in ran.out
    assert target.read_text(encoding="utf-8").startswith("{")


def test_the_workbook_has_a_sheet_per_topic_with_formats_and_pictures(
    full: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report.xlsx"

    assert procx("report", "--store", full, *MOMENT, "--excel", target).code == 0

    book = load_workbook(target)
    assert book.sheetnames == [
        "Summary", "Triggers", "Uplift", "Offers", "Deadlines", "Waiting", "Messages",
    ]  # fmt: skip
    sheet = book["Triggers"]
    heads = [cell.value for cell in sheet[3]]
    row = {
        name: sheet.cell(line, at + 1)
        for line in range(4, 8)
        for at, name in enumerate(heads)
        if sheet.cell(line, 1).value == "gone_quiet"
    }
    assert row["runs"].value == 30
    assert (row["precision"].value, row["precision"].number_format) == (10 / 30, "0.0%")
    with ZipFile(target) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4


def test_no_cell_of_the_workbook_is_a_formula(full: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.xlsx"

    procx("report", "--store", full, *MOMENT, "--excel", target)

    cells = [cell for sheet in load_workbook(target) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert f"'{NASTY}" in {cell.value for cell in cells}


class _Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_needs_no_network_and_takes_no_text_for_markup(full: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"

    assert procx("report", "--store", full, *MOMENT, "--html", target).code == 0

    text = target.read_text(encoding="utf-8")
    page = _Page(text)
    assert page.sources == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("table") == 6
    assert page.tags.count("svg") == 4
    assert "&lt;script&gt;" in text
    assert "url(" not in text
    assert "Of the treated, more stayed" in text
    assert "prefers-color-scheme: dark" in text
    assert "max-width: 46rem" in text


def test_an_empty_store_says_so_kindly_in_every_form(empty: Path, tmp_path: Path) -> None:
    sheet, page = tmp_path / "r.xlsx", tmp_path / "r.html"

    told = procx("report", "--store", empty, *MOMENT, "--excel", sheet, "--html", page)
    as_json = procx("report", "--store", empty, *MOMENT, "--json", "-")

    assert (told.code, as_json.code) == (0, 0)
    assert "Nothing to report yet" in told.out
    assert "record_outcome" in told.out
    assert as_json.json["triggers"] == []
    assert "nothing to report yet" in page.read_text(encoding="utf-8")
    assert load_workbook(sheet).sheetnames == ["Summary"]


def test_a_span_narrows_what_is_told(full: Path) -> None:
    ran = procx("report", "--store", full, *MOMENT, "--since", "2025-06-25", "--json", "-")

    assert ran.json["triggers"] == []
    assert ran.json["since"] == "2025-06-25T00:00:00Z"


def test_a_bare_until_is_the_end_of_that_day(full: Path) -> None:
    ran = procx("report", "--store", full, *MOMENT, "--until", "2025-06-20", "--json", "-")

    assert [one["runs"] for one in ran.json["triggers"]] == [30, 10, 4]


def test_retention_is_observed_first_where_orders_are_given(shop: Path, empty: Path) -> None:
    ran = procx("report", "--store", empty, *MOMENT, "--observe", shop, "--json", "-")

    assert ran.code == 0, ran.err
    assert "0 windows observed" in ran.err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--since", "soon"), "--since 'soon' is no moment"),
        (("--until", "2025-13-01"), "--until '2025-13-01' is no moment"),
        (("--now", ""), "--now '' is no moment"),
        (("--since", "2025-02-01", "--until", "2025-01-01"), "ends before"),
        (("--holdout-share", "1"), "--holdout-share"),
        (("--window", "45"), "days is one of 30, 60, 90, not 45"),
        (("--churn", "0.1"), "reduced_to must be below churn"),
        (("--excel", "report.txt"), "no workbook: name it .xlsx"),
        (("--html", "/nowhere/r.html"), "cannot write /nowhere/r.html"),
        (("--json", ""), "not named"),
    ],
)
def test_bad_input_is_named(empty: Path, given: tuple[str, ...], told: str) -> None:
    ran = procx("report", "--store", empty, *given)

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    ran = procx("report", "--store", tmp_path / "none.db")

    assert ran.code == 2
    assert not (tmp_path / "none.db").exists()
