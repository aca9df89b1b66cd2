"""What the surroundings say: settings read from `PROCX_*` variables by a surface."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of a process; a surface reads them and passes plain values down."""

    model_config = SettingsConfigDict(
        env_prefix="PROCX_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    source: str | None = None
    """Workbook, folder or database URL to read when a command names none."""
    database_url: SecretStr | None = None
    """Customer tables that Studio's graph reads; the sample when not set."""
    profile: str | None = None
    """Name or file of the scoring profile."""
    policy: str | None = None
    """File of the policy."""
    store_url: SecretStr | None = None
    """File or database URL of the store: score history and cohort statistics."""
    webhook_secrets_stripe: SecretStr | None = None
    """Active signing secrets of Stripe's webhooks, separated by commas."""
    webhook_secrets_shopify: SecretStr | None = None
    """The same of Shopify."""
    webhook_secrets_zendesk: SecretStr | None = None
    """The same of Zendesk."""
    webhook_secrets_qualtrics: SecretStr | None = None
    """Shared keys of Qualtrics, and `token:…` for addresses with a secret in them."""
    webhook_secrets_standard: SecretStr | None = None
    """Secrets (`whsec_…`) and public keys (`whpk_…`) of Standard Webhooks."""
    outbox_email: str | None = None
    """Where e-mail goes: `file:FOLDER`, `console:`, `smtp://user@host:587`, or a gateway's URL."""
    outbox_sms: str | None = None
    """Where text messages go: `file:FOLDER`, `console:`, or a gateway's URL."""
    outbox_whatsapp: str | None = None
    """The same of WhatsApp."""
    outbox_from: str | None = None
    """Who writes e-mail: `Asha from Care <care@shop.example>`."""
    outbox_reply_to: str | None = None
    """Where answers to e-mail go, when not to the sender."""
    smtp_password: SecretStr | None = None
    """Of the user in `outbox_email`."""
    gateway_secret: SecretStr | None = None
    """Signs what goes to a gateway: `whsec_…` or plain base64."""
    unsubscribe_url: str | None = None
    """Link that stops marketing, with `{customer}`, `{channel}` and `{token}`."""
    unsubscribe_secret: SecretStr | None = None
    """Signs these links."""

    @property
    def webhook_secrets(self) -> dict[str, tuple[SecretStr, ...]]:
        """Active secrets of each provider that has one."""
        names = ("stripe", "shopify", "zendesk", "qualtrics", "standard")
        given = {name: getattr(self, f"webhook_secrets_{name}") for name in names}
        return {
            name: tuple(
                SecretStr(part.strip())
                for part in secret.get_secret_value().split(",")
                if part.strip()
            )
            for name, secret in given.items()
            if secret is not None
        }
