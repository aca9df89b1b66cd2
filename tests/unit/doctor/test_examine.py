"""Whatever a check does, an examination ends and tells it."""

import threading
from collections.abc import Iterator

import pytest

from procx_graph.doctor import Asked, Check, Finding, State, Subject, examine
from procx_graph.errors import StoreError
from procx_graph.settings import Settings


def fine(asked: Asked) -> Iterator[Finding]:
    yield Finding.ok(Subject.PYTHON, "", "fine")


def test_a_check_that_raises_is_a_finding_and_the_next_goes_on() -> None:
    def broken(asked: Asked) -> Iterator[Finding]:
        raise StoreError("there is no such store")

    def foreign(asked: Asked) -> Iterator[Finding]:
        raise ZeroDivisionError("by nought")

    checks = [
        Check(Subject.STORE, broken),
        Check(Subject.MODEL, foreign),
        Check(Subject.PYTHON, fine),
    ]

    store, model, python = examine(Asked(Settings()), checks)

    assert (store.state, store.found) == (State.BROKEN, "there is no such store")
    assert model.state is State.BROKEN
    assert "ZeroDivisionError: by nought" in model.found
    assert python.state is State.OK


def test_a_check_that_hangs_is_left_alone_and_what_it_found_before_is_kept() -> None:
    release = threading.Event()

    def hanging(asked: Asked) -> Iterator[Finding]:
        yield Finding.ok(Subject.STORE, "first", "fine")
        release.wait(30)

    checks = [Check(Subject.STORE, hanging, seconds=0.2), Check(Subject.PYTHON, fine)]
    try:
        first, late, python = examine(Asked(Settings()), checks)
    finally:
        release.set()

    assert first.part == "first"
    assert late.state is State.BROKEN
    assert "no end after 0.2 s" in late.found
    assert python.state is State.OK


def test_only_what_is_asked_for_is_looked_at() -> None:
    def never(asked: Asked) -> Iterator[Finding]:
        raise AssertionError("this was not asked for")

    seen: list[Subject] = []
    checks = [Check(Subject.MODEL, never), Check(Subject.PYTHON, fine)]

    told = examine(Asked(Settings()), checks, only=[Subject.PYTHON], on_subject=seen.append)

    assert [one.subject for one in told] == seen == [Subject.PYTHON]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"OPENAI_API_KEY": "sk-hidden"}, "wrong key sk-hidden."),
        ({"store_url": "postgresql://me:p%40ss@host/shop"}, "login of me with p@ss failed"),
        ({"store_url": "postgresql://me:p%40ss@host/shop"}, "cannot open me:p%40ss@host"),
        ({"webhook_secrets_stripe": "whsec_old, whsec_new"}, "neither 'whsec_new' nor whsec_old"),
        ({"source": "mysql://me:hunter2@host/shop"}, "access denied (hunter2)"),
    ],
)
def test_a_secret_that_something_repeats_is_not_told(settings: dict[str, str], said: str) -> None:
    def telling(asked: Asked) -> Iterator[Finding]:
        yield Finding.broken(Subject.STORE, "", said, f"not {said}")

    [told] = examine(Asked(Settings(**settings)), [Check(Subject.STORE, telling)])

    for secret in ("sk-hidden", "p@ss", "p%40ss", "whsec_", "hunter2"):
        assert secret not in f"{told!r}"
    assert "••••" in told.found
    assert "••••" in (told.todo or "")
