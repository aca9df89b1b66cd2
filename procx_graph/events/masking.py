"""Ways to reach somebody, and keys to somebody's pages, kept out of texts from outside."""

import re

from procx_graph.domain import written

CONTACT, LINK = "[contact]", "[link]"

_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}://|www\.)\S+", re.IGNORECASE)


def without_addresses(text: str) -> str:
    """Mask e-mail addresses, and links, which may open a page without a password."""
    return written.without_addresses(_LINK.sub(LINK, text), CONTACT)


def without_phones(text: str) -> str:
    """Mask phone numbers."""
    return written.without_phones(text, CONTACT)
