"""Files that travel with the library, and a user's own TOML."""

from pathlib import Path

import pytest

from procx_graph.assets import asset_path, package_file, package_toml, read_toml
from procx_graph.errors import ConfigError


def test_the_sample_is_found() -> None:
    path = asset_path("data/sample/procx_sample.xlsx")

    assert path.is_file()
    assert path.stat().st_size < 4_000_000


def test_a_missing_asset_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match=r"data/nothing\.xlsx; install it again"):
        asset_path("data/nothing.xlsx")


def test_files_beside_the_code_are_found_and_read() -> None:
    assert package_file("py.typed").is_file()
    assert package_toml("outreach/policy/default.toml")["name"] == "default"


def test_a_user_s_toml_is_read_in_any_script(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('sender = "आशा"', encoding="utf-8")

    assert read_toml(file) == read_toml(str(file)) == {"sender": "आशा"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file.*none\.toml"):
        read_toml(tmp_path / "none.toml")


@pytest.mark.parametrize("content", [b"a = ", b"a = 1\na = 2", b"\xff\xfe\x00", b"a = \x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=r"bad\.toml is not a readable TOML file"):
        read_toml(file)


def test_a_folder_is_no_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a readable TOML file"):
        read_toml(tmp_path)


@pytest.mark.parametrize("name", ["bad\0name.toml", "x" * 5_000], ids=["with NUL", "too long"])
def test_a_name_that_no_file_can_have_is_an_error_of_ours(name: str) -> None:
    with pytest.raises(ConfigError):
        read_toml(name)
