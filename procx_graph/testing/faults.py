"""What goes wrong between a client and a provider, one function for each.

    ModelServer([faults.rate_limited(retry_after_ms=20), {"ok": True}])

Each gives a value that stands wherever an answer may stand: in a script, or as what a rule returns.
"""

from collections.abc import Mapping

from procx_graph.testing.loopback import HttpAnswer
from procx_graph.testing.model_answers import Answer, Fault
from procx_graph.testing.provider_errors import refusal

PAGE = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><h1>502 Bad Gateway</h1><hr>proxy</body></html>"
)


def rate_limited(*, retry_after: int | None = None, retry_after_ms: float | None = None) -> Fault:
    """Answer 429.

    Args:
        retry_after: Whole seconds to wait, for the header `Retry-After`; `None` leaves it out.
        retry_after_ms: Milliseconds to wait, for `retry-after-ms`, which OpenAI's client prefers.
    """
    message = "Rate limit reached for requests. Please try again later."
    headers = _wait(retry_after, retry_after_ms)
    code = "rate_limit_exceeded"
    return Fault(refusal(429, message, kind="requests", code=code, headers=headers))


def out_of_quota() -> Fault:
    """Answer 429 as when the account has nothing left: waiting does not help."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return Fault(refusal(429, message, kind="insufficient_quota", code="insufficient_quota"))


def server_error(*, retry_after_ms: float | None = None) -> Fault:
    """Answer 500; OpenAI's client heeds how long to wait here too."""
    message = "The server had an error while processing your request. Sorry about that!"
    headers = _wait(retry_after_ms=retry_after_ms)
    return Fault(refusal(500, message, kind="server_error", headers=headers))


def overloaded(*, retry_after: int | None = None, retry_after_ms: float | None = None) -> Fault:
    """Answer 503."""
    message = "The engine is currently overloaded, please try again later."
    headers = _wait(retry_after, retry_after_ms)
    return Fault(refusal(503, message, kind="service_unavailable_error", headers=headers))


def status(code: int, message: str = "No.", headers: Mapping[str, str] | None = None) -> Fault:
    """Answer any other status in the provider's form."""
    return Fault(refusal(code, message, headers=headers))


def unauthorized() -> Fault:
    """Answer 401."""
    return Fault(refusal(401, "Incorrect API key provided: ***.", code="invalid_api_key"))


def bad_request(
    message: str = "Invalid request.", *, code: str | None = None, param: str | None = None
) -> Fault:
    """Answer 400."""
    return Fault(refusal(400, message, code=code, param=param))


def too_long() -> Fault:
    """Answer 400 because the prompt is longer than the model can read."""
    message = "Input tokens exceed the configured limit of 128000 tokens. Please reduce the length."
    return bad_request(message, code="context_length_exceeded", param="messages")


def slow(seconds: float) -> Answer:
    """Give the default answer after some seconds. For another answer: `Answer(..., after=2)`."""
    return Answer(after=seconds)


def dripping(seconds: float) -> Answer:
    """Give the default answer bit by bit: it takes so long, and no single wait in it does."""
    return Answer(over=seconds)


def cut_before_head() -> Fault:
    """Close the connection instead of answering."""
    return Fault(cut="head")


def cut_in_body() -> Fault:
    """Close the connection in the middle of the answer."""
    return Fault(cut="body")


def broken_body() -> Fault:
    """Send a body that is said to be JSON and is not."""
    return Fault(HttpAnswer((b'{"id": "chatcmpl-broken", "choices": [{"message": {"con',)))


def broken_content() -> Answer:
    """Answer with content that begins like JSON and breaks off.

    LangChain's parser mends such JSON and takes half a text for a whole one.
    """
    return Answer('{"subject": "We miss you", "body": "It has been')


def empty_content() -> Answer:
    """Answer with an empty text."""
    return Answer("")


def cut_short() -> Answer:
    """Answer with the beginning of some JSON, because the limit of tokens was reached."""
    return Answer('{"subject": "We mi', finish="length")


def filtered() -> Answer:
    """Answer with nothing, because a filter stopped it."""
    return Answer("", finish="content_filter")


def refused(why: str = "I'm sorry, I cannot assist with that request.") -> Answer:
    """Answer that the model will not."""
    return Answer(refusal=why)


def error_in_stream() -> Fault:
    """Begin a stream with an error; a request that does not stream gets a 200 with that error."""
    return Fault(refusal(200, "The server had an error.", kind="server_error"))


def empty_body() -> Fault:
    """Answer 200 with no body."""
    return Fault(HttpAnswer((b"",)))


def huge_content(characters: int = 50_000) -> Answer:
    """Answer with very much text that is not JSON."""
    return Answer("All work and no play. " * (characters // 22 + 1))


def html_page(status: int = 502) -> Fault:
    """Answer with a proxy's error page; `status=200` as portals of public networks do."""
    return Fault(HttpAnswer((PAGE,), status=status, content_type="text/html"))


def wrong_content_type(content_type: str = "text/plain") -> Fault:
    """Send the default answer, said to be something else than JSON."""
    return Fault(content_type=content_type)


def _wait(retry_after: int | None = None, retry_after_ms: float | None = None) -> dict[str, str]:
    told = {"Retry-After": retry_after, "retry-after-ms": retry_after_ms}
    return {name: str(value) for name, value in told.items() if value is not None}
