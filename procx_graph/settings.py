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
