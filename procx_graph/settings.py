"""What the surroundings say: settings read from `PROCX_*` variables by a surface."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from procx_graph.errors import ConfigError

_ENVIRONMENT = re.compile(r"(?!langfuse)[a-z0-9_-]{1,40}")


def _none_when_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value.rstrip("/")


def _environment_name(value: str) -> str:
    if not _ENVIRONMENT.fullmatch(value):
        raise ValueError(
            "must be at most 40 small letters, digits, - and _, and not begin with langfuse"
        )
    return value


_Blank = BeforeValidator(_none_when_empty)


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
    langfuse_public_key: Annotated[str | None, _Blank] = Field(
        default=None, validation_alias="LANGFUSE_PUBLIC_KEY"
    )
    """Key of the Langfuse project that runs are told to."""
    langfuse_secret_key: Annotated[SecretStr | None, _Blank] = Field(
        default=None, validation_alias="LANGFUSE_SECRET_KEY"
    )
    """The other key of it."""
    langfuse_base_url: Annotated[Annotated[str, AfterValidator(_web_address)] | None, _Blank] = (
        Field(default=None, validation_alias=AliasChoices("LANGFUSE_BASE_URL", "LANGFUSE_HOST"))
    )
    """Where Langfuse is; its cloud when not set."""
    langfuse_tracing_enabled: bool = Field(
        default=True, validation_alias="LANGFUSE_TRACING_ENABLED"
    )
    """Whether runs are traced, where there are keys."""
    langfuse_sample_rate: float = Field(
        default=1.0, ge=0, le=1, validation_alias="LANGFUSE_SAMPLE_RATE"
    )
    """Share of the runs that are traced."""
    langfuse_environment: Annotated[
        Annotated[str, AfterValidator(_environment_name)] | None, _Blank
    ] = Field(default=None, validation_alias="LANGFUSE_TRACING_ENVIRONMENT")
    """Name of the surroundings, such as `production`."""
    langfuse_release: Annotated[str | None, _Blank] = Field(
        default=None, validation_alias="LANGFUSE_RELEASE"
    )
    """Version of the software around us."""
    langfuse_content: bool = False
    """Whether texts go to Langfuse: prompts, answers, messages. Names in them cannot be masked."""
    langfuse_user_secret: Annotated[SecretStr | None, _Blank] = None
    """Makes pseudonyms of customers' ids in Langfuse."""
    prompts: Literal["files", "langfuse"] = "files"
    """Where prompts come from; with `langfuse` the files stand in where it has none."""
    prompts_label: str = Field(default="production", min_length=1, max_length=100)
    """Which version of a prompt in Langfuse."""

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise ConfigError(_in_words(error, self.model_config)) from error

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


def _in_words(error: ValidationError, config: SettingsConfigDict) -> str:
    """Say which variable is wrong; its value may be a secret and is not told."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "?"
    variable = name if name.isupper() else f"{config.get('env_prefix', '')}{name.upper()}"
    return f"{variable}: {first['msg'].removeprefix('Value error, ')}"
