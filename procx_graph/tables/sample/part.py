"""Some of the customers of a base with all their rows; a small base is one part."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procx_graph.errors import ConfigError
from procx_graph.tables.sample.catalogue import Catalogue
from procx_graph.tables.sample.crowd import Crowd
from procx_graph.tables.sample.hazard import Law, Population, draw_population
from procx_graph.tables.sample.knobs import Knobs, Stream
from procx_graph.tables.sample.people import SEGMENTS, TIERS, Cuts, people
from procx_graph.tables.sample.purchases import bought, orders_and_payments
from procx_graph.tables.sample.resources import draw
from procx_graph.tables.sample.surveys import nps_survey
from procx_graph.tables.sample.tickets import support_tickets
from procx_graph.tables.sample.visits import customer_events

CUSTOMER_COLUMNS = (
    "customer_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "signup_date",
    "country",
    "city",
    "segment",
    "lifetime_value",
    "avg_order_value",
    "preferred_category",
    "last_active_date",
    "loyalty_tier",
    "opt_in_marketing",
    "language",
    "region",
    "time_zone",
    "currency",
)
CHURN_REASONS = ("poor_support", "product_quality", "price", "better_competitor", "delivery_delay")


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the customers of a base.

    Attributes:
        tables: Sheet name to frame, in the order of the workbook.
        population: Their latents and fate, in the order of the table `customers`.
        cuts: Where segments and tiers begin.
    """

    tables: dict[str, pd.DataFrame]
    population: Population
    cuts: Cuts


def make_part(
    customers: int,
    law: Law,
    goods: Catalogue,
    knobs: Knobs,
    *,
    part: int = 0,
    given: Mapping[str, int] | None = None,
    cuts: Cuts | None = None,
) -> Part:
    """Make some customers of a base with all their rows.

    Args:
        customers: How many, at least 1.
        law: How the hazard becomes a probability.
        goods: Products and agents, the same for every part.
        knobs: The settings.
        part: Number of the part.
        given: Rows in the parts before, by table; None for the first part.
        cuts: Where segments and tiers begin; None takes the quantiles of this part.

    Raises:
        ConfigError: There is nobody to make.
    """
    if customers < 1:
        raise ConfigError(f"sample: customers={customers!r}; ask for at least one")
    given = given or Counter()
    population = draw_population(customers, law, knobs, knobs.rng(Stream.LATENTS, part))
    who = people(population, goods, knobs, part=part, given=given["customers"])
    crowd = Crowd(knobs, goods, population, who, part, given)
    placed, orders, payments = orders_and_payments(crowd)
    events = customer_events(crowd)
    listed, cuts = _snapshot(who, orders, events, cuts)
    tables = {
        "customers": listed[list(CUSTOMER_COLUMNS)],
        "products": goods.products,
        "orders": orders,
        "payments": payments,
        "support_tickets": support_tickets(crowd, placed, orders),
        "customer_events": events,
        "escalation_matrix": goods.teams,
        "agent_profiles": goods.agents,
        "nps_survey": nps_survey(crowd),
        "churn_labels": _labels(crowd),
    }
    return Part(tables, population, cuts)


def _snapshot(
    customers: pd.DataFrame, orders: pd.DataFrame, events: pd.DataFrame, cuts: Cuts | None
) -> tuple[pd.DataFrame, Cuts]:
    """Add what a shop keeps on a customer: values, segment, tier, last activity."""
    who = customers["customer_id"]
    spent = orders[bought(orders)].groupby("customer_id")["total_amount"].agg(["sum", "size"])
    spent = spent.reindex(who).fillna(0)
    value, count = spent["sum"].to_numpy().round(2), spent["size"].to_numpy(dtype=np.int64)
    moments = [
        customers.set_index("customer_id")["signup_date"],
        orders.groupby("customer_id")["order_date"].max(),
        events.groupby("customer_id")["event_time"].max(),
    ]
    latest = pd.concat(moments, axis=1).max(axis=1).reindex(who)
    cuts = cuts or Cuts.of(value, count)
    listed = customers.assign(
        lifetime_value=value,
        avg_order_value=(value / np.where(count, count, np.nan)).round(2),
        segment=np.array(SEGMENTS)[np.searchsorted(cuts.spend, value, side="right")],
        loyalty_tier=np.array(TIERS)[np.searchsorted(cuts.orders, count, side="right")],
        last_active_date=latest.dt.normalize().to_numpy(),
    )
    return listed, cuts


def _labels(crowd: Crowd) -> pd.DataFrame:
    """Tell who has left, when and why, and add the score somebody else's model gave."""
    rng, knobs, population = crowd.rng(Stream.LABELS), crowd.knobs, crowd.population
    size, gone = len(population), ~population.alive
    left = knobs.dates(np.where(gone, population.left, 0.0))
    reason = np.array(CHURN_REASONS)[draw((24, 22, 24, 16, 14), size, rng)]
    if knobs.score == "noise":
        predicted = rng.random(size)
    else:
        known = 0.15 + 0.7 * (gone | population.leaves_next)
        truth = known if knobs.score == "leaky" else population.p_leave
        predicted = (truth + rng.normal(0, 0.08, size)).clip(0, 1)
    return pd.DataFrame(
        {
            "customer_id": crowd.people["customer_id"],
            "is_churn": gone.astype(np.int64),
            "churn_date": pd.Series(left).where(gone),
            "churn_reason": pd.Series(reason, dtype=object).where(gone),
            "predicted_churn_score": predicted.round(3),
        }
    )
