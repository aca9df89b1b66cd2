"""Ways to reach somebody, and keys to somebody's pages, kept out of texts from outside."""

import re

CONTACT, LINK = "[contact]", "[link]"

_EMAIL = re.compile(r"[^\s@＠]{1,64}[@＠][^\s@＠]{1,255}")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}://|www\.)\S+", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d[\d\s().-]{7,30}\d")
_PHONE_DIGITS = 9
"""A date has eight digits, a phone number more."""


def without_addresses(text: str) -> str:
    """Mask e-mail addresses, and links, which may open a page without a password."""
    return _EMAIL.sub(CONTACT, _LINK.sub(LINK, text))


def without_phones(text: str) -> str:
    """Mask phone numbers."""
    return _NUMBER.sub(_without_phone, text)


def _without_phone(found: re.Match[str]) -> str:
    digits = sum(char.isdigit() for char in found[0])
    return CONTACT if digits >= _PHONE_DIGITS else found[0]
