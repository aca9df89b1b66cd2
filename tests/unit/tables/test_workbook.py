"""Workbooks give their cells as they are, and bad files are refused."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from procx_graph.errors import DataError
from procx_graph.tables.workbook import MAX_RATIO, workbook_source


def save(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
    del book["Sheet"]
    book.save(path)
    return path


def test_text_stays_text_and_numbers_stay_numbers(tmp_path: Path) -> None:
    path = save(
        tmp_path / "shop.xlsx",
        customers=[["customer_id", "first_name", "value"], ["00017", "NA", 3.5], ["18", None, 4]],
    )

    frame = workbook_source(path).tables["customers"].read().lazy().collect()

    assert frame.to_dict(as_series=False) == {
        "customer_id": ["00017", "18"],
        "first_name": ["NA", None],
        "value": [3.5, 4.0],
    }


def test_formula_and_markup_like_text_is_kept(tmp_path: Path) -> None:
    texts = ["=1+1", "@SUM(A1)", "+1", "<b>x</b>", "[red]x[/]", "தமிழ்"]
    path = save(tmp_path / "shop.xlsx", customers=[["customer_id"], *([text] for text in texts)])

    frame = workbook_source(path).tables["customers"].read().lazy().collect()

    assert frame["customer_id"].to_list() == texts


def test_excel_dates_are_moments(tmp_path: Path) -> None:
    path = save(tmp_path / "shop.xlsx", orders=[["order_date"], [datetime(2025, 1, 29, 9, 30)]])  # noqa: DTZ001 Excel knows no zones

    frame = workbook_source(path).tables["orders"].read().lazy().collect()

    assert str(frame["order_date"][0]).startswith("2025-01-29")


def test_the_first_data_row_of_a_sheet_is_the_second(tmp_path: Path) -> None:
    source = workbook_source(save(tmp_path / "shop.xlsx", customers=[["customer_id"]]))

    assert source.tables["customers"].first_row == 2
    assert source.name == "shop.xlsx"


def test_a_sheet_without_cells_has_no_columns(tmp_path: Path) -> None:
    source = workbook_source(save(tmp_path / "shop.xlsx", customers=[], orders=[["order_id"]]))

    assert source.tables["customers"].read().lazy().collect_schema().names() == []
    assert source.tables["orders"].read().lazy().collect().shape == (0, 1)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "shop.xlsx", customers=[["customer_id", "customer_id"], [1, 2]])

    with pytest.raises(DataError, match="two columns 'customer_id'"):
        workbook_source(path).tables["customers"].read()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no workbook .*nothing\.xlsx"):
        workbook_source(tmp_path / "nothing.xlsx")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken", b"\x00" * 1000])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "shop.xlsx").write_bytes(content)

    with pytest.raises(DataError, match=r"shop\.xlsx"):
        workbook_source(tmp_path / "shop.xlsx")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.xlsx", "w") as archive:
        archive.writestr("letter.txt", "hello")

    with pytest.raises(DataError, match=r"shop\.xlsx"):
        workbook_source(tmp_path / "shop.xlsx")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "shop.xlsx", customers=[["customer_id"], *([n] for n in range(500))])
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[start + 200 : start + 260] = b"\x55" * 60
    path.write_bytes(content)

    with pytest.raises(DataError, match="damaged"):
        workbook_source(path)


def test_a_cut_off_workbook_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "shop.xlsx", customers=[["customer_id"], [1]])
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(DataError, match="damaged"):
        workbook_source(path)


def test_an_encrypted_workbook_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "shop.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512)

    with pytest.raises(DataError, match="encrypted"):
        workbook_source(tmp_path / "shop.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = save(tmp_path / "shop.xlsx", customers=[["customer_id"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * 20_000_000)
        assert archive.getinfo("xl/worksheets/sheet9.xml").compress_size * MAX_RATIO < 20_000_000

    with pytest.raises(DataError, match="unpacks to 19 MB"):
        workbook_source(path)
