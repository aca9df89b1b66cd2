"""The way of scores: through the breaker, tried once, and answered here when they cannot go."""

import json
from typing import Any

import httpx

from procx_graph.tracing.address import data_of
from procx_graph.tracing.answers import ITS_OWN_FAULT, told_status
from procx_graph.tracing.breaker import Breaker

_SCORES = "/api/public/scores"
_MEDIA = "/api/public/media"


class ScoreTransport(httpx.BaseTransport):
    """Lets the SDK believe that its scores were taken, so that it neither retries nor complains.

    Files that the SDK finds in texts are not taken at all: nobody has looked at them. Every other
    request passes.

    Args:
        breaker: Shared with the spans.
        timeout: Seconds for each step of a request.
    """

    def __init__(self, breaker: Breaker, *, timeout: float) -> None:
        self._breaker = breaker
        # a client of its own, because it knows the proxies and certificates of the surroundings
        self._client = httpx.Client(timeout=timeout)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or answer it here.

        Raises:
            httpx.HTTPError: A request that is not about scores failed.
        """
        path = request.url.path
        if request.method == "POST" and path.endswith(_MEDIA):
            return httpx.Response(201, json={"mediaId": "none", "uploadUrl": None})
        if request.method == "POST" and path.endswith(_SCORES):
            return self._score(request)
        return _copied(self._client.send(request))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _score(self, request: httpx.Request) -> httpx.Response:
        number = _number_in(request)
        if self._breaker.tries():
            number = self._lost(request, number)
        if number:
            self._breaker.drop("scores", number)
        return httpx.Response(202, json={"message": "Accepted"})

    def _lost(self, request: httpx.Request, number: int) -> int:
        """Send so many scores; give how many of them were not taken."""
        try:
            answer = self._client.send(request)
        except httpx.HTTPError:
            self._breaker.failed(told_status(None))
            return number
        if answer.is_success:
            self._breaker.succeeded()
            return _rejected(answer)
        problem = told_status(answer.status_code)
        if answer.status_code in ITS_OWN_FAULT:
            self._breaker.problem = problem
        else:
            self._breaker.failed(problem)
        return number


def _number_in(request: httpx.Request) -> int:
    told: Any = json.loads(request.content or b"[]")
    return len(told) if isinstance(told, list) else 1


def _rejected(answer: httpx.Response) -> int:
    """Give how many scores of a batch that was taken were not."""
    told = data_of(answer) if answer.status_code == 207 else None
    rejected = told.get("rejected") if isinstance(told, dict) else None
    return rejected if isinstance(rejected, int) else 0


def _copied(answer: httpx.Response) -> httpx.Response:
    """Give an answer whose body is read already, and no longer compressed."""
    kept = {"content-type": answer.headers.get("content-type", "application/json")}
    return httpx.Response(answer.status_code, headers=kept, content=answer.content)
