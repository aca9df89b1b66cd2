"""Which carrier serves which channel: read from addresses such as `smtp://user@host:587`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import SecretStr

from procx_graph.domain.message import Channel
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels.carrier import Carrier
from procx_graph.outreach.channels.folder import FolderCarrier
from procx_graph.outreach.channels.letter import Sender
from procx_graph.outreach.channels.smtp import Server, SmtpCarrier
from procx_graph.outreach.channels.terminal import TerminalCarrier
from procx_graph.settings import Settings

DEFAULT = "file:outbox"
"""Where messages go when nothing is configured: into this folder."""
_FORMS = "file:FOLDER, console:, smtp://user@host:587 (e-mail only) or https://gateway/path"


def carriers_of(settings: Settings, *, show: Callable[[str], None]) -> dict[Channel, Carrier]:
    """Give the carrier of each channel.

    Args:
        settings: `outbox_email`, `outbox_sms`, `outbox_whatsapp`, and what they need.
        show: Shows a text, for `console:`.

    Raises:
        ConfigError: An address is none, or something it needs is not set.
    """
    made: dict[str, Carrier] = {}
    routes = routes_of(settings)
    for address in routes.values():
        if address not in made:
            made[address] = _carrier(address, settings, show)
    for channel, address in routes.items():
        if channel is not Channel.EMAIL and isinstance(made[address], SmtpCarrier):
            raise ConfigError(f"{_variable(channel)}: SMTP carries e-mail only; write {_FORMS}")
    return {channel: made[address] for channel, address in routes.items()}


def routes_of(settings: Settings) -> Mapping[Channel, str]:
    """Give the address of each channel's carrier."""
    return {
        Channel.EMAIL: settings.outbox_email or DEFAULT,
        Channel.SMS: settings.outbox_sms or DEFAULT,
        Channel.WHATSAPP: settings.outbox_whatsapp or DEFAULT,
    }


def _carrier(address: str, settings: Settings, show: Callable[[str], None]) -> Carrier:
    scheme, _, rest = address.strip().partition(":")
    if scheme == "file":
        if not rest.strip():
            raise ConfigError("file: needs a folder, such as file:outbox")
        return FolderCarrier(Path(unquote(rest.removeprefix("//"))), _sender(settings))
    if scheme == "console" and not rest:
        return TerminalCarrier(show)
    if scheme in {"smtp", "smtps"}:
        sender = _sender(settings)
        if sender is None:
            raise ConfigError("to send by SMTP, say who writes: set PROCX_OUTBOX_FROM")
        return SmtpCarrier(_server(address, settings.smtp_password), sender)
    if scheme in {"http", "https"}:
        from procx_graph.outreach.channels.gateway import GatewayCarrier

        if settings.gateway_secret is None:
            raise ConfigError("to use a gateway, set PROCX_GATEWAY_SECRET, which signs")
        return GatewayCarrier(address, settings.gateway_secret)
    raise ConfigError(f"where messages go is written {_FORMS}; {scheme!r} is none of them")


def _sender(settings: Settings) -> Sender | None:
    if settings.outbox_from is None:
        return None
    return Sender.of(settings.outbox_from, settings.outbox_reply_to)


def _server(address: str, password: SecretStr | None) -> Server:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host:
        raise ConfigError("an SMTP server is written smtp://user@host:587")
    if parts.password is not None:
        raise ConfigError("the password of SMTP goes into PROCX_SMTP_PASSWORD, not into the URL")
    if parts.username and password is None:
        raise ConfigError(f"to log in at {host}, set PROCX_SMTP_PASSWORD")
    tls = _tls(parts)
    return Server(
        host=host,
        port=port or (465 if tls == "implicit" else 587),
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=password,
    )


def _tls(parts: SplitResult) -> str:
    given = parse_qs(parts.query, keep_blank_values=True)
    asked = given.pop("starttls", ["required"])[-1]
    if given or asked not in {"required", "off"}:
        raise ConfigError("of SMTP only ?starttls=off can be asked, for a server that has none")
    if parts.scheme == "smtps":
        return "implicit"
    return "off" if asked == "off" else "starttls"


def _variable(channel: Channel) -> str:
    return f"PROCX_OUTBOX_{channel.value.upper()}"
