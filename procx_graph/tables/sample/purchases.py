"""Orders: what was bought, how often, and for how much."""

import numpy as np
import pandas as pd

from procx_graph.tables.sample.catalogue import Catalogue
from procx_graph.tables.sample.crowd import Crowd
from procx_graph.tables.sample.deliveries import deliver, plan_deliveries
from procx_graph.tables.sample.knobs import Floats, Ints, Stream
from procx_graph.tables.sample.moments import Moments, emit
from procx_graph.tables.sample.payments import charge
from procx_graph.tables.sample.people import payment_methods
from procx_graph.tables.sample.resources import draw

ITEMS = (72, 18, 7, 3)
PROMOS = ("WELCOME10", "FREESHIP", "FESTIVE25")


def orders_and_payments(crowd: Crowd) -> tuple[Moments, pd.DataFrame, pd.DataFrame]:
    """Draw what the customers bought and how they paid.

    Returns:
        The moments of the orders, the table `orders` in the same order, the table `payments`.
    """
    rng, knobs = crowd.rng(Stream.ORDERS), crowd.knobs
    moments = _moments(crowd, rng)
    size, owner = len(moments), crowd.owners(moments.who)
    noise = 0.12 * moments.mood + rng.normal(0, 0.35, size)
    amount = crowd.latents.amount[moments.who] * np.exp(noise)
    items = draw(ITEMS, size, rng) + 1
    orders = pd.DataFrame(
        {
            "order_id": crowd.ids("orders", size),
            "customer_id": owner["customer_id"],
            "order_date": knobs.stamps(moments.day),
            "items_count": items,
            "product_ids": _baskets(owner, amount, items, crowd.goods, rng),
            "total_amount": amount.round(2),
            "payment_method": payment_methods(owner["country"], rng),
        }
    )
    plan = plan_deliveries(moments, knobs, rng)
    payments, status = charge(crowd, moments, orders, plan)
    orders = orders.assign(payment_status=status, **deliver(moments, plan, status, knobs, rng))
    code = np.array(PROMOS, dtype=object)[rng.integers(0, len(PROMOS), size)]
    orders["promo_code"] = pd.Series(code).where(rng.random(size) < 0.4)
    return moments, orders, payments


def bought(orders: pd.DataFrame) -> "pd.Series[bool]":
    """Return which orders are purchases: neither cancelled nor with failed payment."""
    return (orders["order_status"] != "cancelled") & (orders["payment_status"] != "failed")


def _moments(crowd: Crowd, rng: np.random.Generator) -> Moments:
    season = 1 + 0.25 * np.sin(np.pi * np.arange(crowd.knobs.quarters) / 2)
    pull = np.exp(0.25 * np.sqrt(crowd.knobs.obs) * crowd.latents.mood)
    return emit(crowd.population, crowd.latents.rate[:, None] * season * pull, rng)


def _baskets(
    owner: pd.DataFrame,
    amount: Floats,
    items: Ints,
    goods: Catalogue,
    rng: np.random.Generator,
) -> list[str]:
    """Put products of about the right price into each basket, mostly of the liked category."""
    ids = goods.products["product_id"].to_numpy(dtype=object)
    columns = []
    for _ in ITEMS:
        liked = owner["preferred_category"].to_numpy(dtype=object).copy()
        other = rng.random(len(owner)) < 0.35
        liked[other] = rng.choice(goods.categories, int(other.sum()))
        price = amount / items * np.exp(rng.normal(0, 0.25, len(owner)))
        columns.append(ids[goods.near_price(liked, price)])
    return [
        ",".join(basket[:count]) for *basket, count in zip(*columns, items.tolist(), strict=True)
    ]
