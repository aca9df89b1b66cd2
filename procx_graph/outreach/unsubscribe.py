"""Links by which a customer stops messages with one click."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from procx_graph.domain.message import Channel
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

_SLOTS = ("{customer}", "{channel}", "{token}")


@dataclass(frozen=True)
class Unsubscribe:
    """Makes the links and knows its own.

    The token is a signature of customer and channel, so that nobody can unsubscribe another one.

    Attributes:
        template: A URL with `{customer}`, `{channel}` and `{token}`.
        secret: What signs.

    Raises:
        ConfigError: The template is no such URL, or the secret is empty.
    """

    template: str
    secret: SecretStr

    def __post_init__(self) -> None:
        missing = [slot for slot in _SLOTS if slot not in self.template]
        if urlsplit(self.template).scheme not in {"http", "https"} or missing:
            raise ConfigError(
                "PROCX_UNSUBSCRIBE_URL must be a URL with {customer}, {channel} and {token}: "
                "https://shop.example/stop?c={customer}&on={channel}&t={token}"
            )
        if not self.secret.get_secret_value().strip():
            raise ConfigError("PROCX_UNSUBSCRIBE_SECRET is empty: it signs the links")

    def link(self, customer_id: str, channel: Channel) -> str:
        """Give the link of a customer."""
        told = {
            "{customer}": quote(customer_id, safe=""),
            "{channel}": channel.value,
            "{token}": self.token(customer_id, channel),
        }
        link = self.template
        for slot, value in told.items():
            link = link.replace(slot, value)
        return link

    def token(self, customer_id: str, channel: Channel) -> str:
        """Give the signature of a customer's link."""
        key = self.secret.get_secret_value().strip().encode()
        signed = f"unsubscribe\n{channel.value}\n{customer_id}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(key, signed, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def is_own(self, token: str, customer_id: str, channel: Channel) -> bool:
        """Whether a token that came back is the one of this customer and channel."""
        given = token.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(given, self.token(customer_id, channel).encode())


def unsubscribe_of(settings: Settings) -> Unsubscribe | None:
    """Give what makes and knows the links as the settings say; `None` where they name none.

    Raises:
        ConfigError: There is a template and no secret, or either is wrong.
    """
    if settings.unsubscribe_url is None:
        return None
    if settings.unsubscribe_secret is None:
        raise ConfigError("PROCX_UNSUBSCRIBE_URL needs PROCX_UNSUBSCRIBE_SECRET, which signs")
    return Unsubscribe(settings.unsubscribe_url, settings.unsubscribe_secret)
