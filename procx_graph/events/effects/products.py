"""Products: gone, and there again."""

from collections.abc import Iterator, Sequence

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, last, of_types
from procx_graph.events.naming import STOCK


def products(events: Sequence[Told], product_id: str) -> Iterator[Row]:
    """Give the stock of a product; how much came back is unknown unless it is told.

    Args:
        events: Of one product, of whatever story, in order.
        product_id: The product.
    """
    found = of_types(events, STOCK)
    if not found:
        return
    out = found[-1].type is EventType.PRODUCT_OUT_OF_STOCK
    yield Row(
        table="products",
        name="stock",
        keys=(product_id,),
        values={"stock_qty": 0 if out else found[-1].facts.quantity},
        new={"product_id": product_id, "name": last(one.facts.product for one in found)},
        since=found[-1].occurred_at,
    )
