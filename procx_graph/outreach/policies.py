"""Loading a policy from its TOML file."""

from pathlib import Path

from pydantic import ValidationError

from procx_graph.assets import package_toml, read_toml
from procx_graph.domain.policy import Policy
from procx_graph.errors import ConfigError

DEFAULT = "default"


def load_policy(policy: Policy | str | Path | None = None) -> Policy:
    """Give a policy: itself, the default (`None` or "default"), or one read from a TOML file.

    Raises:
        ConfigError: There is no such file, or it is not a valid policy; the message names the
            first wrong key.
    """
    if isinstance(policy, Policy):
        return policy
    if policy is None or str(policy) == DEFAULT:
        return Policy.model_validate(package_toml("outreach/policy/default.toml"))
    try:
        return Policy.model_validate(read_toml(policy))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"policy {policy}: {where + ': ' if where else ''}{first['msg']}"
        raise ConfigError(message) from error
