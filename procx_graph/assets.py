"""Files that travel with the library: in a checkout they lie at its top, in a wheel inside it."""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from procx_graph.errors import ConfigError

SAMPLE = "data/sample/procx_sample.xlsx"
"""The shipped customers, who do not exist."""


def asset_path(name: str) -> Path:
    """Give the path of a shipped file or folder under `prompts/` or `data/`.

    Args:
        name: Relative path, e.g. `data/sample/procx_sample.xlsx`.

    Raises:
        ConfigError: The installation lacks it.
    """
    package = Path(str(files("procx_graph")))
    for root in (package / "_assets", package.parent):
        if (root / name).exists():
            return root / name
    raise ConfigError(f"the installation of procx_graph lacks {name}; install it again")


def package_file(name: str) -> Traversable:
    """Give a file that lies beside the code, e.g. `scoring/profiles/default-v1.toml`."""
    return files("procx_graph").joinpath(name)


@cache
def package_toml(name: str) -> dict[str, Any]:
    """Read a TOML file that lies beside the code; do not change what it gives."""
    return tomllib.loads(package_file(name).read_text(encoding="utf-8"))


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a user's TOML file.

    Raises:
        ConfigError: There is no such file, or it is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"no such file: {path}") from error
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not a readable TOML file: {error}") from error
