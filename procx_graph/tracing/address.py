"""Where Langfuse is and how one identifies oneself there; a question to it, with a time-out."""

from base64 import b64encode
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import httpx


@dataclass(frozen=True)
class Address:
    """A project of a Langfuse server.

    Attributes:
        base_url: Without a slash at its end.
        public_key: Of the project.
        secret_key: Of the project; not shown.
    """

    base_url: str
    public_key: str
    secret_key: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        pair = f"{self.public_key}:{self.secret_key}".encode()
        return {
            "Authorization": f"Basic {b64encode(pair).decode()}",
            "x-langfuse-sdk-name": "python",
            "x-langfuse-sdk-version": version("langfuse"),
            "x-langfuse-public-key": self.public_key,
        }

    def get(self, *path: str, timeout: float, **params: str) -> httpx.Response:
        """Ask for something, once.

        Args:
            *path: Of the address below `/api/public/`: its beginning, and names to be quoted.
            timeout: Seconds for each step: connecting, sending, reading.
            **params: Of the query.

        Raises:
            httpx.HTTPError: There was no answer.
        """
        first, *names = path
        where = "/".join([first, *(quote(name, safe="") for name in names)])
        url = f"{self.base_url}/api/public/{where}"
        return httpx.get(url, params=params, headers=self.headers, timeout=timeout)


def data_of(answer: httpx.Response) -> Any:
    """Read an answer's JSON; `None` when it is none."""
    try:
        return answer.json()
    except ValueError:
        return None
