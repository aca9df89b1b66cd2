"""A small shop and a careful policy for the command line to work on."""

from pathlib import Path

import pytest

from procx_graph.assets import package_file
from procx_graph.tables.sample import write_parquet


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOURCE", "PROFILE", "POLICY", "DATABASE_URL", "STORE_URL"):
        monkeypatch.delenv(f"PROCX_{name}", raising=False)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred made-up customers as a folder of Parquet files."""
    folder = tmp_path_factory.mktemp("data") / "shop"
    write_parquet(200, folder, seed=2)
    return folder


@pytest.fixture(scope="session")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default policy, except that every VIP goes to a person."""
    text = package_file("outreach/policy/default.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("policy") / "careful.toml"
    path.write_text(text.replace("vip_top_share = 0.05", "vip_top_share = 1.0"), encoding="utf-8")
    return path
