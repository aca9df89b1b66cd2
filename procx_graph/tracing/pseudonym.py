"""Who a customer is called on the other side."""

import hashlib
import hmac
from dataclasses import dataclass, field

from procx_graph.tracing.redaction import is_contact

_LENGTH = 24
"""Hexadecimal digits of a pseudonym."""
_LONGEST = 200
"""Characters of an id that Langfuse takes."""


@dataclass(frozen=True)
class Pseudonym:
    """Names for customers and runs: their ids, or, with a secret, what only its owner can make.

    An id that is an address is never told, and one that is too long is shortened the same way.

    Attributes:
        secret: Of `PROCX_LANGFUSE_USER_SECRET`; another secret makes other names, so that a resume
            under it begins another trace.
    """

    secret: str | None = field(default=None, repr=False)

    def of_customer(self, customer_id: str) -> str:
        """Give the name of a customer."""
        return self._named("user", customer_id)

    def of_run(self, run_id: str) -> str:
        """Give the name of a run, which holds the id of its customer."""
        return self._named("run", run_id)

    def _named(self, kind: str, plain: str) -> str:
        if self.secret is not None:
            made = hmac.new(self.secret.encode(), plain.encode(), hashlib.sha256)
            return f"{kind}-{made.hexdigest()[:_LENGTH]}"
        if is_contact(plain) or len(plain) > _LONGEST or not plain.isascii():
            return f"{kind}-{hashlib.sha256(plain.encode()).hexdigest()[:_LENGTH]}"
        return plain
