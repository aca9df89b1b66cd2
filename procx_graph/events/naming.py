"""Names that the store knows events, things and references by."""

from hashlib import sha256

from procx_graph.domain.contact_key import email_key, phone_key
from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Occurrence, Reference, ReferenceKind

ORDER = "order:"
"""How things and references begin that are orders, which are ours and of no provider."""

STOCK = (EventType.PRODUCT_OUT_OF_STOCK, EventType.PRODUCT_BACK_IN_STOCK)
"""Types that tell of a product rather than of a customer."""


def event_id(occurrence: Occurrence) -> str:
    """Name an event by its moment and by what it is told by once, such as EVT_20250110_143200_…."""
    told = (occurrence.provider, occurrence.account, occurrence.key, occurrence.type.value)
    digest = sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()
    return f"EVT_{occurrence.occurred_at:%Y%m%d_%H%M%S}_{digest[:10]}"


def things(occurrence: Occurrence) -> list[str]:
    """Give what an event happened to, told apart by provider and account unless it is ours.

    A product's stock is one story for everybody, and one for each customer who is told of it.
    """
    if occurrence.type in STOCK and occurrence.facts.product_id:
        whose = references(occurrence)[:1]
        return ["|".join([product_thing(occurrence.facts.product_id), *whose])]
    return [
        thing if thing.startswith(ORDER) else _scoped(occurrence, thing)
        for thing in dict.fromkeys(occurrence.things)
    ]


def product_thing(product_id: str) -> str:
    """Name a product's stock."""
    return f"product:{product_id}"


def unscoped(thing: str) -> str:
    """Give a thing as its sender names it."""
    return thing if thing.startswith(ORDER) else thing.split("|", 2)[-1]


def references(occurrence: Occurrence) -> list[str]:
    """Give how an event names its customer; addresses that are not verified name nobody.

    An order that is told names its customer too.
    """
    found = [_reference(occurrence, one) for one in occurrence.references]
    found += [
        order_reference(one)
        for one in (*occurrence.facts.order_ids, occurrence.facts.order_id)
        if one
    ]
    return list(dict.fromkeys(name for name in found if name is not None))


def account_reference(provider: str, account: str, value: str) -> str:
    """Name a provider's customer."""
    return f"{ReferenceKind.ACCOUNT}:{provider}|{account}|{value}"


def order_reference(order_id: str) -> str:
    """Name an order."""
    return f"{ORDER}{order_id}"


def parts(reference: str) -> tuple[ReferenceKind, str]:
    """Give the kind of a reference and its value."""
    kind, _, value = reference.partition(":")
    return ReferenceKind(kind), value


def _scoped(occurrence: Occurrence, thing: str) -> str:
    return f"{occurrence.provider}|{occurrence.account}|{thing}"


def _reference(occurrence: Occurrence, reference: Reference) -> str | None:
    match reference.kind:
        case ReferenceKind.ACCOUNT:
            return account_reference(occurrence.provider, occurrence.account, reference.value)
        case ReferenceKind.EMAIL:
            digest = email_key(reference.value) if reference.verified else None
            return digest and f"{ReferenceKind.EMAIL}:{digest}"
        case ReferenceKind.PHONE:
            digest = phone_key(reference.value) if reference.verified else None
            return digest and f"{ReferenceKind.PHONE}:{digest}"
        case ReferenceKind.ORDER:
            return order_reference(reference.value)
        case _:
            return f"{ReferenceKind.CUSTOMER_ID}:{reference.value}"
