"""Who does not answer is left alone for a while."""

from procx_graph.llm.breaker import Breaker


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_single_failures_open_nothing() -> None:
    breaker = Breaker(failures=3, monotonic=Watch())

    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()

    assert breaker.admits()


def test_failures_in_a_row_open_it_once() -> None:
    breaker = Breaker(failures=3, monotonic=Watch())

    assert [breaker.failed() for _ in range(5)] == [False, False, True, False, False]
    assert not breaker.admits()


def test_a_failure_for_good_opens_it_at_once() -> None:
    breaker = Breaker(failures=3, monotonic=Watch())

    assert breaker.failed(for_good=True)
    assert breaker.open


def test_after_the_cool_down_one_call_tries_for_all() -> None:
    watch = Watch()
    breaker = Breaker(failures=1, cool_down=30, monotonic=watch)
    breaker.failed()

    watch.now = 30
    assert [breaker.admits() for _ in range(3)] == [True, False, False]

    breaker.succeeded()
    assert breaker.admits()
    assert breaker.seconds_left == 0


def test_a_failed_trial_is_no_second_outage() -> None:
    watch = Watch()
    breaker = Breaker(failures=1, cool_down=30, monotonic=watch)
    breaker.failed()
    watch.now = 31
    breaker.admits()

    assert breaker.failed() is False
    assert breaker.seconds_left == 30
