"""Support tickets: what customers complain about, how it ends and how they rate it."""

import numpy as np
import pandas as pd

from procx_graph.tables.sample.catalogue import Catalogue
from procx_graph.tables.sample.crowd import Crowd
from procx_graph.tables.sample.hazard import ORDINARY_RATE
from procx_graph.tables.sample.knobs import Flags, Floats, Knobs, Stream, Words
from procx_graph.tables.sample.moments import Moments, emit
from procx_graph.tables.sample.resources import draw, word_list
from procx_graph.tables.sample.words import ticket_messages, written_language

CATEGORIES = ("payment", "delivery", "product", "refund", "account", "other")
USUAL = (16, 24, 24, 14, 12, 10)
WITHOUT_ORDER = (0, 0, 0, 0, 55, 45)
CHANNELS = ("chat", "email", "phone", "social")
RELEVANT_DAYS = 60
COLUMNS = (
    "ticket_id",
    "customer_id",
    "order_id",
    "created_at",
    "channel",
    "category",
    "priority",
    "assigned_agent_id",
    "status",
    "resolution_time_hours",
    "escalation",
    "escalated_to",
    "sentiment_score",
    "initial_message",
    "final_message_summary",
    "csat_score",
)
TEAMS = {
    "payment": "Payments Team",
    "delivery": "Logistics Team",
    "product": "Product Quality",
    "refund": "Payments Team",
    "account": "CX Tier 1",
    "other": "CX Tier 1",
}


def support_tickets(crowd: Crowd, placed: Moments, orders: pd.DataFrame) -> pd.DataFrame:
    """Draw the tickets of the customers, given the moments of their orders and the orders.

    A ticket is about the customer's latest order of the last 60 days, if there is one. It is
    unresolved when the time it takes reaches beyond `as_of`.
    """
    rng, latents = crowd.rng(Stream.TICKETS), crowd.latents
    pull = 0.25 * crowd.knobs.obs * (latents.rate / ORDINARY_RATE) ** 0.3
    moments = emit(crowd.population, pull[:, None] * np.exp(-0.6 * latents.mood), rng)
    size, owner = len(moments), crowd.owners(moments.who)
    category, order = _subjects(moments, placed, orders, rng)
    sentiment = np.tanh(0.5 * moments.mood + rng.normal(0, 0.4, size))
    languages = written_language(owner["language"].tolist(), rng)
    upset = (sentiment < -0.3) & (category != "other").to_numpy()
    slots = _slots(order, crowd.goods)
    escalated = rng.random(size) < np.clip(0.10 - 0.18 * sentiment, 0.02, 0.35)

    teams = category.map(TEAMS)
    upward = teams.where(teams != "CX Tier 1", "CX Tier 2")
    tickets = pd.DataFrame(
        {
            "ticket_id": crowd.ids("support_tickets", size),
            "customer_id": owner["customer_id"],
            "order_id": order["order_id"],
            "created_at": crowd.knobs.stamps(moments.day),
            "channel": np.array(CHANNELS)[draw((36, 30, 22, 12), size, rng)],
            "category": category,
            "priority": _priorities(sentiment, escalated, rng),
            "assigned_agent_id": _agents(
                teams.mask(escalated, upward), owner["language"], crowd.goods.agents, rng
            ),
            "escalation": np.where(escalated, "Y", "N"),
            "escalated_to": upward.where(escalated),
            "sentiment_score": sentiment.round(2),
            "initial_message": ticket_messages(languages, category.tolist(), upset, slots, rng),
        }
    )
    return _end(tickets, moments, crowd.knobs, rng)[list(COLUMNS)]


def _end(
    tickets: pd.DataFrame, moments: Moments, knobs: Knobs, rng: np.random.Generator
) -> pd.DataFrame:
    """Add how each ticket ended, or that it has not, and the rating of seven in ten ended ones."""
    size, age = len(tickets), knobs.horizon - moments.day
    escalated = (tickets["escalation"] == "Y").to_numpy()
    summary, hours, goodwill = _resolutions(tickets["category"], rng)
    stuck = escalated | (rng.random(size) < 0.12)
    hours = (hours + np.where(stuck, rng.uniform(96, 960, size), 0)).round(2)
    resolved = hours / 24 < age
    closed = resolved & (age - hours / 24 > 14) & (rng.random(size) < 0.6)
    waiting = ~resolved & ~escalated & (rng.random(size) < 0.4)
    noise = rng.normal(0, 0.8 / np.sqrt(knobs.obs), size)
    rating = np.rint(3.3 + 0.9 * moments.mood + noise + goodwill).clip(1, 5)
    rated = resolved & (rng.random(size) < 0.7)
    return tickets.assign(
        assigned_agent_id=tickets["assigned_agent_id"].where(~waiting),
        status=np.select(
            [closed, resolved, escalated, waiting],
            ["closed", "resolved", "escalated", "open"],
            "in_progress",
        ),
        resolution_time_hours=np.where(resolved, hours, np.nan),
        final_message_summary=pd.Series(summary).where(resolved),
        csat_score=pd.Series(rating, dtype="Int64").where(rated),
    )


def _subjects(
    moments: Moments, placed: Moments, orders: pd.DataFrame, rng: np.random.Generator
) -> tuple["pd.Series[str]", pd.DataFrame]:
    """Draw what each ticket is about and its order; trouble with the order is likely the subject.

    The order's row is empty where the ticket is about none.
    """
    size = len(moments)
    latest = placed.latest_before(moments.who, moments.day)
    if len(placed):
        latest = np.where(moments.day - placed.day[latest] <= RELEVANT_DAYS, latest, -1)
    order = orders.reindex(latest).reset_index(drop=True)
    category = np.where(latest < 0, draw(WITHOUT_ORDER, size, rng), draw(USUAL, size, rng))
    troubles = {
        "payment": order["payment_status"] == "failed",
        "delivery": order["delivery_delay_days"].fillna(0) >= 3,
        "refund": order["order_status"] == "returned",
    }
    for trouble, holds in troubles.items():
        struck = (latest >= 0) & holds.to_numpy(dtype=bool) & (rng.random(size) < 0.6)
        category = np.where(struck, CATEGORIES.index(trouble), category)
    names = pd.Series(np.array(CATEGORIES, dtype=object)[category])
    return names, order.mask(names.isin(["account", "other"]))


def _slots(order: pd.DataFrame, goods: Catalogue) -> list[dict[str, str]]:
    names = goods.products.set_index("product_id")["name"].to_dict()
    columns = order[["order_id", "product_ids", "total_amount", "order_date"]]
    return [
        {}
        if pd.isna(order_id)
        else {
            "order": order_id,
            "product": names[products.partition(",")[0]],
            "amount": f"USD {amount:.2f}",
            "date": f"{date:%Y-%m-%d}",
        }
        for order_id, products, amount, date in columns.itertuples(index=False, name=None)
    ]


def _resolutions(
    category: "pd.Series[str]", rng: np.random.Generator
) -> tuple[Words, Floats, Floats]:
    """Draw how each ticket ends, after how many hours, and how that changes its rating."""
    size = len(category)
    summary = np.empty(size, dtype=object)
    hours, goodwill = np.zeros(size), np.zeros(size)
    for name, kinds in word_list("texts/resolutions").items():
        here = np.flatnonzero(category == name)
        table = pd.DataFrame(kinds).iloc[draw([kind["weight"] for kind in kinds], len(here), rng)]
        summary[here] = table["summary"].to_numpy(dtype=object)
        hours[here], goodwill[here] = table["hours"], table["csat"]
    return summary, hours * np.exp(rng.normal(0, 1.1, size)), goodwill


def _priorities(sentiment: Floats, escalated: Flags, rng: np.random.Generator) -> Words:
    heat = -sentiment + 0.8 * escalated + rng.normal(0, 0.5, len(sentiment))
    level = np.select([heat > 1.5, heat > 0.9, heat > 0.1], ["urgent", "high", "medium"], "low")
    return level.astype(object)


def _agents(
    teams: "pd.Series[str]",
    languages: "pd.Series[str]",
    agents: pd.DataFrame,
    rng: np.random.Generator,
) -> "pd.Series[str]":
    """Assign an agent of the team, one who speaks the customer's language where there is one."""
    spoken = agents.assign(language=agents["languages"].str.split(",")).explode("language")
    able = spoken.groupby(spoken["team"] + "/" + spoken["language"])["agent_id"].agg(list).to_dict()
    wanted = teams + "/" + languages
    chosen = pd.Series(None, index=teams.index, dtype=object)
    for name, rows in wanted.groupby(wanted).groups.items():
        team = str(name).partition("/")[0]
        chosen.loc[rows] = rng.choice(able.get(name, able[f"{team}/en"]), len(rows))
    return chosen
