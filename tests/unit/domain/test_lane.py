"""Lanes: for whom a scan is."""

import pytest

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.lane import Lane


def test_retention_is_for_the_active_and_win_back_for_the_dormant() -> None:
    assert Lane.RETENTION.state is CustomerState.ACTIVE
    assert Lane.WINBACK.state is CustomerState.DORMANT


@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize("state", CustomerState)
def test_only_the_dormant_are_won_back_and_only_in_their_lane(
    lane: Lane, state: CustomerState
) -> None:
    dormant = (lane, state) == (Lane.WINBACK, CustomerState.DORMANT)

    assert lane.wins_back(state) is dormant
