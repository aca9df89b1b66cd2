"""Keeping secrets out of what is told: values are shown without them, and texts are searched."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pydantic import SecretStr

from procx_graph.settings import Settings

MASK = "••••"
SHORTEST = 4
"""Characters of a secret that is searched for in texts; shorter ones would be found in words."""
PLACES = ("source", "database_url", "store_url", "outbox_email", "outbox_sms", "outbox_whatsapp")
"""Settings that name a file or an address, which may hold a password."""
_TOLD_OPTIONS = frozenset({"starttls"})


def shown(name: str, value: object) -> str:
    """Give a setting's value as it may be shown: no secret, no password."""
    secret = isinstance(value, SecretStr)
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if name in PLACES or (not secret and "://" in text):
        return without_password(text)
    return _length(text) if secret else text


def without_password(place: str) -> str:
    """Give a path or a URL without password and without what its options say.

    Where it cannot be told apart safely what is a password, only the length is given.
    """
    try:
        parts = urlsplit(place)
        user, host, port = parts.username, parts.hostname, parts.port
    except ValueError:
        return _length(place)
    rest = f"{parts.path}{parts.query}{parts.fragment}"
    if "://" not in place:
        return _length(place) if "@" in place or "?" in place else place
    if "@" in rest:
        return _length(place)
    host = f"[{host}]" if host and ":" in host else host or ""
    netloc = f"{user}@{host}" if user else host
    netloc += f":{port}" if port else ""
    told = "&".join(_option(*pair) for pair in parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.scheme}://{netloc}{parts.path}{'?' if told else ''}{told}"


class Masked:
    """Takes the secrets of settings out of texts, should something repeat them."""

    def __init__(self, settings: Settings) -> None:
        found = sorted(set(_secrets(settings)), key=len, reverse=True)
        alternatives = "|".join(map(re.escape, found))
        # whole words only: a password "postgres" is in the names of packages
        self._secrets = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if found else None

    def __call__(self, text: str) -> str:
        """Give a text without them."""
        return text if self._secrets is None else self._secrets.sub(MASK, text)


def _secrets(settings: Settings) -> Iterable[str]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            text = value.get_secret_value()
            if name not in PLACES:
                yield from _forms(text, *text.split(","))
        else:
            text = value if isinstance(value, str) else ""
        if "://" in text:
            password = _password(text)
            yield from _forms(password, unquote(password))


def _forms(*texts: str) -> Iterable[str]:
    """Give secrets as they may be repeated: as they are, trimmed, and as in URLs."""
    for text in texts:
        for form in (text, text.strip(), quote(text.strip(), safe="")):
            if len(form) >= SHORTEST:
                yield form


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _option(name: str, value: str) -> str:
    """Give an option of a URL; its value only where it is a slot, or says how to connect."""
    told = value if name in _TOLD_OPTIONS or re.fullmatch(r"\{\w*\}", value) else "…"
    return f"{name}={told}"


def _length(text: str) -> str:
    count = len(text)
    return f"set, {count} character{'' if count == 1 else 's'}"
