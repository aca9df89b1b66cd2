from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from procx_graph.errors import ConfigError
from procx_graph.scoring.lookback import Labels, Outlook, look_back
from tests.unit.scoring.bases import AS_OF, Tables, crowd, days_ago, messy, open_base, shop


def latest(
    tables: Tables, labels: Labels = Labels.ORDERS
) -> tuple[Outlook, dict[str, tuple[bool, bool, bool]]]:
    (outlook,) = look_back(open_base(tables), labels=labels, origins=1)
    ids = outlook.scores.features["customer_id"].to_list()
    rows = zip(outlook.known.tolist(), outlook.active.tolist(), outlook.happened, strict=True)
    return outlook, dict(zip(ids, rows, strict=True))


def test_silence_is_read_in_the_horizon_after_the_origin_to_the_moment() -> None:
    tables = shop({"back": [200, 90], "at_once": [120, 0], "silent": [200, 90]})
    moments = tables["orders"]["order_date"].tolist()
    tables["orders"]["order_date"] = [moments[0], moments[1] + timedelta(seconds=1), *moments[2:]]

    outlook, rows = latest(tables)

    assert outlook.origin == AS_OF - timedelta(days=90)
    assert rows["back"] == (True, True, False)
    assert rows["at_once"] == (True, True, False)
    assert rows["silent"] == (True, True, True)


def test_active_is_a_recent_purchase_and_who_never_bought_is_not_known() -> None:
    _, rows = latest(shop({"old": [500], "recent": [100], "later": [50], "never": []}))

    assert rows["old"][:2] == (True, False)
    assert rows["recent"][:2] == (True, True)
    assert rows["never"] == (False, False, False)
    assert not rows.get("later", (False,))[0]


def test_a_cancelled_order_is_no_sign_of_life() -> None:
    tables = shop({"ana": [300, 40]})
    tables["orders"]["order_status"] = ["delivered", "Cancelled"]

    assert latest(tables)[1]["ana"] == (True, False, True)


def test_labels_count_in_the_horizon_and_whoever_left_before_is_not_asked() -> None:
    tables = shop({name: [300, 200] for name in ("now", "before", "undated", "stays", "unlisted")})
    tables["churn_labels"] = pd.DataFrame(
        {
            "customer_id": ["now", "before", "undated", "stays"],
            "is_churn": [True, True, True, False],
            "churn_date": [days_ago(89), days_ago(90), None, None],
        }
    )

    _, rows = latest(tables, Labels.CHURN)

    assert rows["now"][::2] == (True, True)
    assert rows["before"][0] is False
    assert rows["undated"][0] is False
    assert rows["stays"][::2] == rows["unlisted"][::2] == (True, False)


def test_origins_lie_one_step_apart_and_end_where_nobody_is_known() -> None:
    base = open_base(shop({"ana": [300, 200], "ben": [250]}))

    found = list(look_back(base, labels=Labels.ORDERS, origins=9, every=100))

    assert [(AS_OF - outlook.origin).days for outlook in found] == [90, 190, 290]


def test_rows_after_an_origin_change_nothing_that_was_known_there() -> None:
    tables = messy(seed=4)
    fewer = {name: _without_some_later(frame) for name, frame in tables.items()}

    (first, _), (other, _) = latest(tables), latest(fewer)

    assert sum(map(len, fewer.values())) < sum(map(len, tables.values())) - 50
    assert other.scores.features.equals(first.scores.features)
    assert np.array_equal(other.scores.risk.probability, first.scores.risk.probability)


def test_snapshots_are_unknown_at_an_origin() -> None:
    tables = shop(crowd(40), segment="VIP", loyalty_tier="Gold", lifetime_value=10_000.0)
    outlook, _ = latest(tables)

    features = outlook.scores.features
    assert features["segment"].null_count() == features["loyalty_tier"].null_count() == 40
    assert features["ltv_cents"].equals(features["spend_cents"].alias("ltv_cents"))


def test_an_outcome_that_is_not_known_yet_is_refused() -> None:
    base = open_base(shop({"ana": [300, 200]}))

    with pytest.raises(ConfigError, match="is not known before"):
        list(look_back(base, labels=Labels.ORDERS, first=days_ago(89)))
    with pytest.raises(ConfigError, match="no table churn_labels to learn outcomes from"):
        list(look_back(base, labels=Labels.CHURN))
    with pytest.raises(ConfigError, match="origins must be a whole number from 1 to 400, not 0"):
        list(look_back(base, labels=Labels.ORDERS, origins=0))


def _without_some_later(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out every second row that is dated after the latest origin."""
    dated = ("order_date", "payment_date", "created_at", "date", "event_time")
    for name in (*dated, "refund_request_date"):
        if name in frame:
            later = (frame[name] > days_ago(90)).to_numpy()
            return pd.DataFrame(frame[~(later & (np.arange(len(frame)) % 2 == 0))])
    return frame
