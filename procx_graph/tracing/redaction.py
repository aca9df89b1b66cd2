"""What must not leave in any text: addresses, numbers of people, their cards and papers."""

import re

from procx_graph.domain.written import AT, DASHES, UNSEEN

MASKED = "[contact]"
LONGEST = 20_000
"""Characters of one text that leave."""

_EMAIL = re.compile(
    rf"[^\s{AT}\"'<>()\[\]{{}},;:=]{{1,64}}[{AT}][^\s{AT}\"'<>()\[\]{{}},;]{{1,255}}"
    rf"|[^\s{AT}\"'<>()\[\]{{}},;:=]{{1,64}}\s?[{AT}]\s?[\w-]{{1,63}}\.[\w.-]{{2,190}}"
)
_ODD = re.compile(rf"(?<=\d)(?:(?! )[\s{UNSEEN}·•∙⋅・･*~|]|(?!-)[{DASHES}])+(?=\d)")
"""What else people write between digits: dashes, dots and spaces of all kinds, or nothing seen."""
_ABROAD = re.compile(r"\+\d[\d\s().-]{7,20}\d")
_GROUPS = re.compile(
    r"(?<![\w.,+-])\(?0?\d{2,5}\)?[ .-]{1,2}\d{3,6}(?:[ .-]\d{2,5}){0,3}(?![\w]|[.,]\d)"
)
_SMALL_GROUPS = re.compile(r"(?<![\w.,+-])\d{1,3}(?:[ .-]\d{1,3}){4,9}(?![\w-]|[.,]\d)")
_PLAIN = re.compile(r"(?<![A-Za-z0-9_.,+-])(?<!\d)\d{10,19}(?![A-Za-z0-9_-]|\d|[.,]\d)")
"""Letters of Indian scripts may stand beside a number, Latin ones make it an id of ours."""
_GLUED = re.compile(
    r"(?<![A-Za-z])(?:tel|telephone|phone|mobile|mob|call|sms|whatsapp)\d{10,13}", re.IGNORECASE
)
_PAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{3}[ABCFGHJLPTabcfghjlpt][A-Za-z]\d{4}[A-Za-z](?!\w)")
_LINK = re.compile(r"\b(?:https?|ftp)://[^\s\"'<>]+|\bwww\.[^\s\"'<>]+", re.IGNORECASE)
_DATA = re.compile(r"data:[\w.+-]{0,40}/?[\w.+-]{0,80};base64,[A-Za-z0-9+/=\s]{0,200000}")
_CODE = re.compile(r"[A-Za-z0-9_.:/+-]{1,120}")
_CODES = re.compile(r"[a-z0-9_]{1,60}(?:, [a-z0-9_]{1,60}){0,20}")
_MANY_DIGITS = re.compile(r"\d[\s().-]{0,3}\d[\s().-]{0,3}\d[\s().-]{0,3}\d")
_FEWEST_DIGITS = 9
"""A date has eight digits, a phone number more."""


def redacted(text: str) -> str:
    """Mask addresses, links, phone and card numbers, and cut what is too long."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    if ";base64," in text:
        text = _DATA.sub("[file]", text)
    if "://" in text or "www." in text:
        text = _LINK.sub("[link]", text)
    if any(sign in text for sign in AT):
        text = _EMAIL.sub(MASKED, text)
    if not text.isascii() or any(sign in text for sign in "*~|"):
        text = _ODD.sub("-", text)
    if _MANY_DIGITS.search(text):
        text = _ABROAD.sub(MASKED, text)
        text = _GROUPS.sub(_without_number, text)
        text = _SMALL_GROUPS.sub(_without_number, text)
        text = _GLUED.sub(MASKED, text)
        text = _PLAIN.sub(MASKED, text)
        text = _PAN.sub(MASKED, text)
    return text


def redacted_id(text: str) -> str:
    """Mask an address that serves as an id; a plain number is one of a customer."""
    if any(sign in text for sign in AT):
        return _EMAIL.sub(MASKED, text)
    return _ABROAD.sub(MASKED, text) if "+" in text else text


def is_contact(text: str) -> bool:
    """Whether an id is an address or a number to call."""
    return redacted_id(text) != text


def is_code(text: str) -> bool:
    """Whether a text is one word of ours, such as `order_delayed`, and no prose."""
    return _CODE.fullmatch(text) is not None


def are_codes(text: str) -> bool:
    """Whether a text is a list of codes, such as `unknown_date, missing_expiry`."""
    return _CODES.fullmatch(text) is not None


def _without_number(found: re.Match[str]) -> str:
    digits = sum(char.isdigit() for char in found[0])
    return MASKED if digits >= _FEWEST_DIGITS else found[0]
