"""What the surroundings say: settings read from `PROCX_*` variables by a surface."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from procx_graph.errors import ConfigError


def variable_of(field: str) -> str:
    """Give the variable that a setting is read from; providers keep their own names."""
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        alias = str(alias.choices[0])
    return alias if isinstance(alias, str) else f"PROCX_{field.upper()}"


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("it must begin with http:// or https://")
    return value.rstrip("/")


def _environment(value: str) -> str:
    if not re.fullmatch(r"(?!langfuse)[a-z0-9_-]{1,40}", value):
        raise ValueError(
            "it may have 40 small letters, digits, - and _, and must not begin with langfuse"
        )
    return value


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", value):
        raise ValueError("it must be the three letters of a currency, e.g. EUR")
    return value.upper()


_Currency = Annotated[str, AfterValidator(_currency)]
_WebAddress = Annotated[str, AfterValidator(_web_address)]
_Environment = Annotated[str, AfterValidator(_environment)]


class Settings(BaseSettings):
    """Settings of a process; a surface reads them and passes plain values down."""

    model_config = SettingsConfigDict(
        env_prefix="PROCX_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
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
    model: str | None = None
    """Language model of the agents: `openai:gpt-…`, or `provider:name`; none without it."""
    model_agents: str | None = None
    """Which agents ask it: `lean` (decision and empathy; so without it), `full` (all four),
    or their names, separated by commas."""
    model_context: str | None = None
    """Another model for the context agent, or `none`."""
    model_pattern: str | None = None
    """The same for the pattern agent."""
    model_decision: str | None = None
    """The same for the decision agent."""
    model_empathy: str | None = None
    """The same for the empathy agent."""
    model_rate: float | None = Field(default=None, gt=0)
    """Requests a second at most, for each model."""
    model_concurrency: int | None = Field(default=None, ge=1)
    """Requests under way at once, for each model; 8 without it."""
    model_prices: str | None = None
    """Prices for a million tokens: `gpt-5-mini=0.25/2.00` (read/written), or with those read from
    the provider's cache in the middle: `0.25/0.025/2.00`; several separated by commas."""
    model_currency: _Currency | None = None
    """Currency of these prices; USD without it."""
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    """Key of OpenAI, or of a compatible server."""
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    """A server that speaks like OpenAI's: vLLM, Ollama, a gateway."""
    langfuse_public_key: str | None = Field(default=None, validation_alias="LANGFUSE_PUBLIC_KEY")
    """Key of the Langfuse project that runs are told to; nothing is told without it."""
    langfuse_secret_key: SecretStr | None = Field(
        default=None, validation_alias="LANGFUSE_SECRET_KEY"
    )
    """The other key of it."""
    langfuse_base_url: _WebAddress | None = Field(
        default=None, validation_alias=AliasChoices("LANGFUSE_BASE_URL", "LANGFUSE_HOST")
    )
    """Where Langfuse is; its cloud without it."""
    langfuse_tracing_enabled: bool | None = Field(
        default=None, validation_alias="LANGFUSE_TRACING_ENABLED"
    )
    """Whether runs are traced, where there are keys; they are without it."""
    langfuse_sample_rate: float | None = Field(
        default=None, ge=0, le=1, validation_alias="LANGFUSE_SAMPLE_RATE"
    )
    """Share of the runs that are traced; all without it."""
    langfuse_environment: _Environment | None = Field(
        default=None, validation_alias="LANGFUSE_TRACING_ENVIRONMENT"
    )
    """Name of the surroundings, such as `production`."""
    langfuse_release: str | None = Field(default=None, validation_alias="LANGFUSE_RELEASE")
    """Version of the software around us."""
    langfuse_content: bool | None = None
    """Whether texts go to Langfuse: prompts, answers, messages; names in them cannot be masked."""
    langfuse_user_secret: SecretStr | None = None
    """Makes pseudonyms of customers' ids in Langfuse."""
    prompts: Literal["files", "langfuse"] | None = None
    """Where prompts come from: the files, or `langfuse`, where the files stand in for what it
    does not have."""
    prompts_label: str | None = Field(default=None, max_length=100)
    """Which version of the prompts in Langfuse; `production` without it."""

    @model_validator(mode="before")
    @classmethod
    def _without_space_around(cls, given: Any) -> Any:
        """Read ` x ` as `x`, and a blank variable as none: files end with a line's end."""
        if not isinstance(given, dict):
            return given
        told = {
            key: value.strip() if isinstance(value, str) else value for key, value in given.items()
        }
        return {key: value for key, value in told.items() if value != ""}

    def __init__(self, **given: Any) -> None:
        """Read the variables.

        Raises:
            ConfigError: One has a wrong value.
        """
        try:
            super().__init__(**given)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            field = str(first["loc"][0]) if first["loc"] else ""
            known = field in type(self).model_fields
            raise ConfigError(
                f"{variable_of(field) if known else field}: "
                f"{first['msg'].removeprefix('Value error, ')}"
            ) from error

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
