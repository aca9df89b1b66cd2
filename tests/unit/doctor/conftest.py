"""No setting comes from outside."""

import pytest

from tests.examined import forget_surroundings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_surroundings(monkeypatch)
