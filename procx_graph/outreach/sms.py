"""What a text message costs: segments in the GSM-7 alphabet or in UCS-2."""

from math import ceil

SEGMENTS = 2
"""How many segments a text may take unless the caller says otherwise."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


def segments(text: str) -> int:
    """Count the segments of a text message; an empty one has none.

    GSM-7 carries 160 characters in one segment and 153 in each of several; one character outside
    its alphabet makes the whole text UCS-2: 70 UTF-16 units in one segment, 67 in each of several.
    Source: 3GPP TS 23.038 and 23.040.
    """
    characters = set(text)
    if characters <= _BASIC | _EXTENDED:
        units, single, several = len(text) + sum(char in _EXTENDED for char in text), 160, 153
    else:
        units, single, several = len(text.encode("utf-16-le")) // 2, 70, 67
    return min(units, 1) if units <= single else ceil(units / several)
