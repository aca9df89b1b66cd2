"""Giving a customer what was offered, in the business's own system."""

import logging
from typing import Literal, Protocol

from pydantic import Field

from procx_graph.domain.decision import Offer
from procx_graph.domain.model import Noun
from procx_graph.errors import ConfigError

log = logging.getLogger(__name__)


class Applied(Noun):
    """The customer has it."""

    kind: Literal["applied"] = "applied"
    reference: str | None = None
    """The business's own id of it, such as a coupon's."""


class Pending(Noun):
    """It may be promised, and is to be done by other means, or later."""

    kind: Literal["pending"] = "pending"
    reference: str | None = None


class Refused(Noun):
    """The customer cannot have it."""

    kind: Literal["refused"] = "refused"
    reason: str = Field(min_length=1)
    """Why, for a colleague."""


class OfferExecutor(Protocol):
    """The business's own system."""

    async def apply(
        self, offer: Offer, *, customer_id: str, key: str
    ) -> Applied | Pending | Refused:
        """Give the customer an offer that is approved.

        Args:
            offer: Its share of the price and expiry.
            customer_id: Whose.
            key: The same key is the same deed: a run that is done again asks again.
        """
        ...


class PendingOffers:
    """Does nothing: somebody else brings the offers to the customers."""

    async def apply(
        self, offer: Offer, *, customer_id: str, key: str
    ) -> Applied | Pending | Refused:
        """Leave it pending."""
        del offer, customer_id, key
        return Pending()


async def carried_out(
    executor: OfferExecutor, offer: Offer, *, customer_id: str, key: str, degraded: list[str]
) -> tuple[Offer | None, str | None]:
    """Give an offer as it stands once the executor was asked, and why it was refused.

    An executor that breaks has confirmed nothing: the offer is pending then, and `degraded` says
    so.

    Args:
        executor: Whom to ask.
        offer: Approved.
        customer_id: Whose.
        key: Of the deed.
        degraded: Takes a note when the executor broke.

    Returns:
        No offer and the reason, or the offer and `None`.

    Raises:
        ConfigError: The executor answered with something else.
    """
    try:
        answer = await executor.apply(offer, customer_id=customer_id, key=key)
    except Exception as error:  # noqa: BLE001 - whatever breaks there must not lose the customer
        found = {"customer_id": customer_id, "error": type(error).__name__}
        log.warning("offer executor failed", extra=found)
        degraded.append("offers")
        return offer, None
    if isinstance(answer, Refused):
        log.info("offer refused", extra={"customer_id": customer_id, "offer": offer.id})
        return None, answer.reason
    if not isinstance(answer, Applied | Pending):
        raise ConfigError(
            f"the offer executor answered {type(answer).__name__}, not Applied, Pending or Refused"
        )
    done = {"applied": isinstance(answer, Applied), "reference": answer.reference}
    return offer.model_copy(update=done), None
