"""From settings to a tracer: none without keys."""

from typing import TYPE_CHECKING

from procx_graph.errors import ConfigError
from procx_graph.settings import Settings
from procx_graph.tracing.tracer import NoTracer, Tracer

if TYPE_CHECKING:
    from procx_graph.tracing.address import Address

CLOUD = "https://cloud.langfuse.com"


def tracer_from(settings: Settings, *, content: bool | None = None) -> Tracer:
    """Give the tracer that the settings ask for; without keys one that does nothing.

    Nothing of Langfuse is imported before the first run or score.

    Args:
        settings: With the keys `LANGFUSE_PUBLIC_KEY` and `LANGFUSE_SECRET_KEY`, or without.
        content: Whether texts may leave, instead of what the settings say.

    Raises:
        ConfigError: Only one of the keys is set.
    """
    if not has_keys(settings):
        return NoTracer()
    if settings.langfuse_tracing_enabled is False:
        return NoTracer("LANGFUSE_TRACING_ENABLED is off")
    from procx_graph.tracing.langfuse_tracer import LangfuseTracer

    secret, rate = settings.langfuse_user_secret, settings.langfuse_sample_rate
    return LangfuseTracer(
        address_from(settings),
        content=bool(settings.langfuse_content) if content is None else content,
        user_secret=None if secret is None else secret.get_secret_value(),
        sample_rate=1.0 if rate is None else rate,
        environment=settings.langfuse_environment,
        release=settings.langfuse_release,
    )


def address_from(settings: Settings) -> "Address":
    """Give where Langfuse is, of settings that have its keys."""
    from procx_graph.tracing.address import Address

    assert settings.langfuse_public_key is not None
    assert settings.langfuse_secret_key is not None
    return Address(
        base_url=settings.langfuse_base_url or CLOUD,
        public_key=settings.langfuse_public_key,
        secret_key=settings.langfuse_secret_key.get_secret_value(),
    )


def has_keys(settings: Settings) -> bool:
    """Whether both keys are there.

    Raises:
        ConfigError: Only one is.
    """
    keys = {
        "LANGFUSE_PUBLIC_KEY": settings.langfuse_public_key,
        "LANGFUSE_SECRET_KEY": settings.langfuse_secret_key,
    }
    missing = [name for name, value in keys.items() if value is None]
    if len(missing) == 1:
        raise ConfigError(f"{missing[0]} is missing: set both keys of Langfuse, or none of them")
    return not missing
