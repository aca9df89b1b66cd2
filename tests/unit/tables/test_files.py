"""Folders of CSV and Parquet are tables."""

from pathlib import Path

import polars as pl
import pytest

from procx_graph.errors import DataError
from procx_graph.tables.files import folder_source


def write(folder: Path, name: str, text: str, *, encoding: str = "utf-8") -> None:
    (folder / name).write_text(text, encoding=encoding)


def read(folder: Path, table: str) -> pl.DataFrame:
    return folder_source(folder).tables[table].read().lazy().collect()


def test_every_cell_of_a_csv_is_text(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", 'customer_id,first_name\n00017,"=1+1"\n18,\n')

    assert read(tmp_path, "customers").to_dicts() == [
        {"customer_id": "00017", "first_name": "=1+1"},
        {"customer_id": "18", "first_name": None},
    ]
    assert folder_source(tmp_path).tables["customers"].first_row == 2


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "customer_id\n1\n", encoding="utf-8-sig")

    assert read(tmp_path, "customers").columns == ["customer_id"]


def test_a_cell_of_a_million_characters_is_read(tmp_path: Path) -> None:
    long = "ம" * 1_000_000
    write(tmp_path, "support_tickets.csv", f"customer_id,initial_message\nC1,{long}\n")

    assert read(tmp_path, "support_tickets")["initial_message"][0] == long


def test_line_breaks_and_commas_inside_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", 'customer_id,city\nC1,"New\nYork, NY"\n')

    assert read(tmp_path, "customers")["city"].to_list() == ["New\nYork, NY"]


def test_another_encoding_is_refused_with_advice(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "customer_id,city\n1,Köln\n", encoding="cp1252")

    with pytest.raises(DataError, match=r"customers\.csv: it is not UTF-8"):
        read(tmp_path, "customers")


def test_a_ragged_csv_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "customer_id,city\n1,a,b,c\n")

    with pytest.raises(DataError, match=r"customers\.csv"):
        read(tmp_path, "customers")


def test_an_empty_csv_has_no_columns(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "")

    assert read(tmp_path, "customers").columns == []


def test_parquet_is_scanned_from_a_file_or_a_folder_of_parts(tmp_path: Path) -> None:
    part = pl.DataFrame({"customer_id": ["C1"]})
    part.write_parquet(tmp_path / "customers.parquet")
    (tmp_path / "orders").mkdir()
    part.write_parquet(tmp_path / "orders" / "0.parquet")
    part.write_parquet(tmp_path / "orders" / "1.parquet")

    assert isinstance(folder_source(tmp_path).tables["customers"].read(), pl.LazyFrame)
    assert read(tmp_path, "customers").height == 1
    assert read(tmp_path, "orders").height == 2


def test_parquet_comes_before_csv(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "customer_id\nfrom csv\n")
    pl.DataFrame({"customer_id": ["from parquet"]}).write_parquet(tmp_path / "customers.parquet")

    assert read(tmp_path, "customers")["customer_id"].to_list() == ["from parquet"]


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "customers.parquet").write_bytes(b"PAR1 not really")

    with pytest.raises(DataError, match=r"cannot read customers\.parquet"):
        read(tmp_path, "customers")


def test_one_file_is_no_folder(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "customer_id\n1\n")

    with pytest.raises(DataError, match="give the folder"):
        folder_source(tmp_path / "customers.csv")


def test_a_missing_or_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        folder_source(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"holds no \.csv and no \.parquet"):
        folder_source(tmp_path)
