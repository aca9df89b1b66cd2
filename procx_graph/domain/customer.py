"""Who a customer is, as the customer tables tell it."""

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from procx_graph.domain.message import Channel
from procx_graph.domain.model import Noun


class CustomerState(StrEnum):
    """Where a customer stands in the relationship; the first that fits, in this order."""

    CHURNED = "churned"
    """Has left, by a dated label; no churn risk, never queued."""
    NEW = "new"
    """No order yet, or known for less than 30 days."""
    ACTIVE = "active"
    """Bought within the last 180 days."""
    DORMANT = "dormant"
    """Bought, but longer ago than that."""


class Segment(StrEnum):
    """Value segments of the shipped profiles."""

    VIP = "VIP"
    LOYAL = "Loyal"
    REGULAR = "Regular"
    OCCASIONAL = "Occasional"


class Customer(Noun):
    """One row of the customers table.

    Unknown is `None`. `segment` and `loyalty_tier` are text because another business names its
    own; the profile says what they are worth. Contact addresses stay in the tables: of them a
    customer only tells which channels reach them.
    """

    model_config = ConfigDict(extra="ignore")

    customer_id: str = Field(min_length=1)
    first_name: str | None = None
    last_name: str | None = None
    segment: str | None = None
    loyalty_tier: str | None = None
    lifetime_value: float | None = Field(default=None, ge=0)
    """Money spent in the whole relationship, in the base's currency."""
    avg_order_value: float | None = Field(default=None, ge=0)
    preferred_category: str | None = None
    language: str | None = None
    """ISO 639-1 code of the language to write in."""
    country: str | None = None
    region: str | None = None
    city: str | None = None
    time_zone: str | None = None
    """IANA name."""
    currency: str | None = None
    """ISO 4217 code."""
    signup_date: datetime | None = None
    last_active_date: datetime | None = None
    opt_in_marketing: bool | None = None
    """Consent to marketing: yes, no, or unknown (`None`), which counts as no."""
    has_email: bool = False
    has_phone: bool = False

    def reached_by(self, channel: Channel) -> bool:
        """Whether an address for this channel is known."""
        return self.has_email if channel is Channel.EMAIL else self.has_phone
