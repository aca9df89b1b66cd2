"""How people write addresses and numbers, in any script: for whoever must find them in a text."""

import re
import unicodedata

AT = "@＠﹫"
"""Signs that stand in an address; for use inside a character class, like the next."""
DASHES = "\\-‐‑‒–—―−﹘﹣－"
DOTS = ".·•∙⋅・･"
UNSEEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_JOINERS = "\u200c\u200d"
_EMAIL = re.compile(
    rf"[^\s{AT}]{{1,64}}[{AT}][^\s{AT}]{{1,255}}"
    rf"|[^\s{AT}]{{1,64}}\s?[{AT}]\s?[^\s{AT}.]{{1,63}}\.[^\s{AT}]{{2,190}}"
)
_NUMBER = re.compile(rf"\+?\d[\d\s(){DASHES}{DOTS}_*~|{UNSEEN}]{{7,40}}\d")
_PHONE_DIGITS = 9
"""A date has eight digits, a phone number more."""


def without_addresses(text: str, stand_in: str) -> str:
    """Mask e-mail addresses, also those with a space around their sign."""
    return _EMAIL.sub(stand_in, text) if any(sign in text for sign in AT) else text


def without_phones(text: str, stand_in: str) -> str:
    """Mask phone numbers, whatever stands between their digits."""

    def masked(found: re.Match[str]) -> str:
        digits = sum(char.isdigit() for char in found[0])
        return stand_in if digits >= _PHONE_DIGITS else found[0]

    return _NUMBER.sub(masked, text)


def as_seen(text: str) -> str:
    """Give a text as it looks: composed, and without the characters that hide between others."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable():
        return text
    return "".join(
        char
        for char in text
        if char in _JOINERS or char.isspace() or unicodedata.category(char)[0] != "C"
    )
