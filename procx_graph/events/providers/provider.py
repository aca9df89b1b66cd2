"""What every provider of webhooks can do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from pydantic import Field

from procx_graph.domain.model import Noun
from procx_graph.domain.occurrence import Occurrence

Headers = Mapping[str, str]
"""Header names in lower case."""


class Merge(Noun):
    """Two of the provider's customers became one."""

    gone: str
    """The provider's id that is no more."""
    kept: str


class Delivery(Noun):
    """What a verified delivery says."""

    provider: str
    account: str = ""
    key: str = Field(min_length=1, max_length=500)
    """Deliveries with the same provider, account and key are one."""
    key_is_signed: bool = False
    """Whether nobody but the provider can give a body another key."""
    topic: str
    """The provider's own name of what happened."""
    occurred_at: datetime
    """Aware UTC; the moment of receiving where the provider tells none."""
    occurrences: tuple[Occurrence, ...] = ()
    """What happened, in our words; none where the topic means nothing to us."""
    merges: tuple[Merge, ...] = ()
    remark: str | None = None
    """Why there is no occurrence, where one would be expected."""


class Provider(Protocol):
    """Verifies and reads the deliveries of one provider; pure, the clock is handed in."""

    name: str

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        *,
        now: datetime,
        token: str | None = None,
    ) -> None:
        """Check the signature of the raw bytes with any of the active secrets.

        Raises:
            WebhookError: No secret matches (status 401, reasons `no_secret`, `no_signature`,
                `bad_signature`, `too_old`, `too_new`), or a signed header is malformed (401).
        """

    def read(
        self,
        headers: Headers,
        body: bytes,
        *,
        now: datetime,
        extra: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Read what is told.

        Args:
            headers: Of the request.
            body: Of the request, verified.
            now: The moment of receiving.
            extra: What the business fetched from the provider about this delivery, where the
                delivery itself tells too little; see each provider.

        Raises:
            WebhookError: The body is not of this provider's shape (status 400).
        """
