"""Random faults are as many as asked for, and the same whenever the same is asked."""

import pytest

from procx_graph.errors import ConfigError
from procx_graph.testing import Faulty, ModelRequest, faults
from procx_graph.testing.loopback import HttpRequest
from procx_graph.testing.model_request import CHAT


def asked(text: str) -> ModelRequest:
    return ModelRequest.read(HttpRequest("POST", CHAT, {}, text.encode()), 1)


def test_about_the_share_fails_and_in_every_way() -> None:
    ways = (faults.server_error(), faults.empty_content(), faults.cut_in_body())
    faulty = Faulty("fine", share=0.3, seed=1, faults=ways)

    given = [faulty(asked(f"customer {number}")) for number in range(2_000)]

    assert 500 < faulty.failed < 700
    assert given.count("fine") == 2_000 - faulty.failed
    assert all(given.count(way) > 120 for way in ways)


def test_the_order_in_which_requests_come_changes_nothing() -> None:
    texts = [f"customer {number}" for number in range(200)]
    one, other = Faulty(share=0.5, seed=3), Faulty(share=0.5, seed=3)

    there = {text: one(asked(text)) for text in texts}
    back = {text: other(asked(text)) for text in reversed(texts)}

    assert there == back


def test_another_seed_gives_other_faults_and_a_second_try_its_own_luck() -> None:
    texts = [f"customer {number}" for number in range(200)]
    faulty, other = Faulty(share=0.5, seed=3), Faulty(share=0.5, seed=4)

    first = [faulty(asked(text)) for text in texts]
    again = [faulty(asked(text)) for text in texts]
    elsewhere = [other(asked(text)) for text in texts]

    assert first != again
    assert first != elsewhere


@pytest.mark.parametrize(("share", "failed"), [(0.0, 0), (1.0, 50)])
def test_nothing_or_everything_can_fail(share: float, failed: int) -> None:
    faulty = Faulty(share=share)

    for number in range(50):
        faulty(asked(str(number)))

    assert faulty.failed == failed


@pytest.mark.parametrize("share", [-0.1, 30, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="share"):
        Faulty(share=share)
