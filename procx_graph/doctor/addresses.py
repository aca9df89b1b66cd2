"""Addresses of stores and sources: do they lead away from this machine?"""

from urllib.parse import urlsplit

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def leads_away(place: str) -> bool:
    """Whether a path or URL names another machine, as far as can be seen."""
    try:
        host = urlsplit(place).hostname
    except ValueError:
        return False
    return "://" in place and host is not None and host not in _HERE
