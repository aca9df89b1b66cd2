"""What customers do on the site and in the app."""

import numpy as np
import pandas as pd

from procx_graph.tables.sample.crowd import Crowd
from procx_graph.tables.sample.hazard import ORDINARY_RATE
from procx_graph.tables.sample.knobs import Stream
from procx_graph.tables.sample.moments import emit
from procx_graph.tables.sample.resources import draw

KINDS = ("view", "search", "add_to_cart", "wishlist_add", "click_promo")
DEVICES = ("android_app", "ios_app", "mobile_web", "web")


def customer_events(crowd: Crowd) -> pd.DataFrame:
    """Draw what the customers looked at, looked for and put aside."""
    rng, latents = crowd.rng(Stream.VISITS), crowd.latents
    busy = 2.5 * crowd.knobs.obs * np.sqrt(latents.rate / ORDINARY_RATE)
    moments = emit(crowd.population, busy[:, None] * np.exp(0.35 * latents.mood), rng)
    size = len(moments)
    products = crowd.goods.products
    by_category = products.groupby("category")["product_id"].agg(list)
    liked = by_category[crowd.people["preferred_category"].iloc[moments.who]].to_list()
    anywhere = products["product_id"].tolist()
    curious = rng.random(size) < 0.35
    pick = rng.random(size)
    own_device = rng.integers(0, len(DEVICES), len(crowd.people))[moments.who]
    device = np.where(rng.random(size) < 0.7, own_device, rng.integers(0, len(DEVICES), size))
    shelves = [anywhere if c else shelf for c, shelf in zip(curious, liked, strict=True)]
    return pd.DataFrame(
        {
            "event_id": crowd.ids("customer_events", size),
            "customer_id": crowd.people["customer_id"].to_numpy()[moments.who],
            "event_type": np.array(KINDS)[draw((40, 24, 18, 8, 10), size, rng)],
            "event_time": crowd.knobs.stamps(moments.day),
            "product_id": [
                shelf[int(share * len(shelf))] for shelf, share in zip(shelves, pick, strict=True)
            ],
            "session_id": [f"SESS{crowd.given['customer_events'] + i}" for i in range(size)],
            "device": np.array(DEVICES)[device],
        }
    )
