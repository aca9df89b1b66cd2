"""Names, places, languages and consent of customers who do not exist."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from procx_graph.tables.sample.catalogue import Catalogue
from procx_graph.tables.sample.crowd import ids
from procx_graph.tables.sample.hazard import Population
from procx_graph.tables.sample.knobs import Floats, Ints, Knobs, Stream
from procx_graph.tables.sample.resources import draw, word_list

OWN_SCRIPT = 0.10
CONSENT = (0.58, 0.27, 0.15)
MAIL_DOMAINS = ("example.com", "example.net", "example.org")
SEGMENTS = ("Occasional", "Regular", "Loyal", "VIP")
TIERS = ("Bronze", "Silver", "Gold", "Platinum")


@dataclass(frozen=True)
class Cuts:
    """Where segments and tiers begin; the same for every part of a base.

    Attributes:
        spend: Lifetime values at which Regular, Loyal and VIP begin.
        orders: Numbers of orders at which Silver, Gold and Platinum begin.
    """

    spend: Floats
    orders: Floats

    @classmethod
    def of(cls, spend: Floats, orders: Ints) -> "Cuts":
        """Take the quantiles of facts on scoring, section 3.2."""
        return cls(
            np.quantile(spend, (0.195, 0.818, 0.958)), np.quantile(orders, (0.45, 0.75, 0.92))
        )


def people(
    population: Population, goods: Catalogue, knobs: Knobs, *, part: int, given: int
) -> pd.DataFrame:
    """Draw who the customers are; so many were `given` an id before this part."""
    rng = knobs.rng(Stream.PEOPLE, part)
    size = len(population)
    homes = _homes(size, rng)
    first, last, mail = _names(homes["language"].tolist(), given, rng)
    capacity = 10 ** homes["digits"].to_numpy(dtype=np.int64)
    number = (homes.groupby("phone").cumcount().to_numpy() + given) % capacity
    consent = np.array([True, False, None], dtype=object)[draw(CONSENT, size, rng)]
    return pd.DataFrame(
        {
            "customer_id": ids("customers", given, size),
            "first_name": first,
            "last_name": last,
            "email": mail,
            "phone": homes["phone"].to_numpy(dtype=np.int64) * capacity + number,
            "signup_date": knobs.dates(population.latents.signup),
            "country": homes["country"],
            "city": homes["city"],
            "preferred_category": goods.categories[rng.integers(0, len(goods.categories), size)],
            "opt_in_marketing": pd.array(consent, dtype="boolean"),
            "language": homes["language"],
            "region": homes["region"],
            "time_zone": homes["zone"],
            "currency": "USD",
        }
    )


def payment_methods(country: "pd.Series[str]", rng: np.random.Generator) -> "pd.Series[str]":
    """Draw how somebody of each country pays."""
    method = pd.Series("", index=country.index, dtype=object)
    for entry in word_list("people")["countries"]:
        there = country == entry["name"]
        pays = list(entry["pays"])
        method[there] = np.array(pays)[draw(list(entry["pays"].values()), int(there.sum()), rng)]
    return method


def _homes(size: int, rng: np.random.Generator) -> pd.DataFrame:
    countries = word_list("people")["countries"]
    chosen = draw([entry["weight"] for entry in countries], size, rng)
    homes = pd.DataFrame(index=range(size), columns=["country", "language"], dtype=object)
    places = []
    for position, entry in enumerate(countries):
        there = np.flatnonzero(chosen == position)
        languages = np.array(list(entry["languages"]))
        homes.loc[there, "country"] = entry["name"]
        homes.loc[there, "language"] = languages[
            draw(list(entry["languages"].values()), len(there), rng)
        ]
        table = pd.DataFrame([entry | place for place in entry["places"]])
        table = table.reindex(columns=["city", "region", "zone", "phone", "digits"])
        rows = table.iloc[rng.integers(0, len(table), len(there))]
        places.append(rows.set_axis(there, axis=0))
    return homes.join(pd.concat(places))


def _names(
    languages: list[str], given: int, rng: np.random.Generator
) -> tuple[list[str], list[str], list[str]]:
    size = len(languages)
    picks = rng.random((2, size))
    own_script = rng.random(size) < OWN_SCRIPT
    domain = rng.integers(0, len(MAIL_DOMAINS), size)
    names = word_list("people")["names"]
    firsts, lasts, mails = [], [], []
    for i, language in enumerate(languages):
        known = names[language]
        first = known["first"][int(picks[0, i] * len(known["first"]))]
        last = known["last"][int(picks[1, i] * len(known["last"]))]
        spelling = -1 if own_script[i] else 0
        firsts.append(first[spelling])
        lasts.append(last[spelling])
        local = f"{first[0]}.{last[0]}{given + i}".lower().replace("'", "")
        mails.append(f"{local}@{MAIL_DOMAINS[domain[i]]}")
    return firsts, lasts, mails
