"""Keys by which a customer is found by an e-mail address or a phone number."""

from hashlib import sha256


def email_key(address: str | None) -> str | None:
    """Give the SHA-256 of an e-mail address, in hex; None when there is none.

    Case and surrounding space do not count; dots and what follows a plus do, because only some
    providers ignore them.
    """
    return _digest((address or "").strip().casefold())


def phone_key(number: str | None) -> str | None:
    """Give the SHA-256 of a phone number in E.164, in hex; None when it has no digit.

    Only the digits count, so that it does not matter how they are grouped or whether there is a
    plus before them.
    """
    digits = "".join(char for char in number or "" if char in "0123456789")
    return _digest(f"+{digits}" if digits else "")


def _digest(normal: str) -> str | None:
    return sha256(normal.encode("utf-8", "surrogatepass")).hexdigest() if normal else None
