"""Deliveries: when an order comes, how late, and which ones never do."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from procx_graph.tables.sample.knobs import Flags, Floats, Knobs, Words
from procx_graph.tables.sample.moments import Moments

PROMISED_DAYS = 7
GIVEN_UP_DAYS = 7
RETURN_DAYS = 3


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to become of each order if it is paid; times are midnights, in days since the start.

    Attributes:
        promised: Day it was promised for.
        arrives: Day it comes, not before the promised one.
        called_off: Whether it is cancelled before.
    """

    promised: Floats
    arrives: Floats
    called_off: Flags


def plan_deliveries(moments: Moments, knobs: Knobs, rng: np.random.Generator) -> Plan:
    """Draw how late each order comes; unhappy customers are those whose orders come late."""
    late = np.rint(rng.normal(1 - 0.6 * moments.mood, 1.5)).clip(min=0)
    promised = knobs.midnight(moments.day + PROMISED_DAYS)
    called_off = rng.random(len(moments)) < expit(-3.7 - 0.5 * moments.mood)
    return Plan(promised, promised + late, called_off)


def deliver(
    moments: Moments, plan: Plan, payment: Words, knobs: Knobs, rng: np.random.Generator
) -> dict[str, "pd.Series[Any] | Words"]:
    """Return status and delivery columns of the orders, as known at `as_of`.

    An order whose payment has failed is not sent, and cancelled after a week. The delay of an
    order that is on its way and overdue is its delay so far.
    """
    age, today = knobs.horizon - moments.day, knobs.midnight(np.array([float(knobs.horizon)]))
    failed = payment == "failed"
    cancelled = plan.called_off | (failed & (age > GIVEN_UP_DAYS))
    sent = ~cancelled & ~failed
    delivered = sent & (plan.arrives < today)
    returned = delivered & (rng.random(len(age)) < expit(-2.6 - 0.6 * moments.mood))
    returned &= plan.arrives + RETURN_DAYS < today
    overdue = sent & ~delivered & (plan.promised < today)
    delay = np.where(delivered, plan.arrives, today) - plan.promised
    status = np.select(
        [cancelled, returned, delivered, failed | (age < 1), age < 3],
        ["cancelled", "returned", "delivered", "placed", "processing"],
        "shipped",
    )
    return {
        "order_status": status.astype(object),
        "estimated_delivery_date": pd.Series(knobs.dates(plan.promised)),
        "actual_delivery_date": pd.Series(knobs.dates(plan.arrives)).where(delivered),
        "delivery_delay_days": pd.Series(np.rint(delay), dtype="Int64").where(delivered | overdue),
    }
