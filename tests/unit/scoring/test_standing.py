"""One customer's state alone is the state that everybody's scoring gives them."""

from datetime import timedelta

import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import CustomerState
from procx_graph.scoring.engine import score
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.scorer import COLUMNS
from procx_graph.scoring.standing import Standings
from procx_graph.tables.lookup import open_lookup
from tests.unit.builders import AS_OF, a_base, an_order

PROFILE = load_profile("default-v1")


def rows(base: CustomerBase, customer_id: str) -> dict[str, pl.DataFrame]:
    return open_lookup(base).rows([customer_id], COLUMNS)


def test_it_is_the_state_of_the_whole_scoring(sample_base: CustomerBase) -> None:
    scores, standings = score(sample_base), Standings(PROFILE)
    some = sample_base.customer_ids.to_list()[::40]

    found = {
        name: standings.state_in(rows(sample_base, name), as_of=sample_base.as_of) for name in some
    }

    assert found == {name: scores.state_of(name) for name in some}
    assert len(set(found.values())) > 1


@pytest.mark.parametrize(
    ("days", "state"), [(0, CustomerState.ACTIVE), (200, CustomerState.DORMANT)]
)
def test_it_follows_the_moment(days: int, state: CustomerState) -> None:
    orders = [an_order(2, customer_id="C1"), an_order(90, customer_id="C1", order_id="O2")]
    base, standings = a_base(orders=orders), Standings(PROFILE)
    standings.state_in(rows(base, "C1"), as_of=AS_OF)

    later = AS_OF + timedelta(days=days, seconds=1)
    assert standings.state_in(rows(base, "C1"), as_of=later) is state
