"""What a provider says when it refuses a request, and which requests it refuses."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from procx_graph.testing.loopback import HttpAnswer
from procx_graph.testing.model_request import CHAT, RESPONSES, ModelRequest
from procx_graph.testing.strict_schemas import objection

SCHEMA_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def refusal(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """Say no in the provider's form."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    body = json.dumps({"error": error}).encode()
    return HttpAnswer((body,), status=status, headers=headers or {})


def unauthorized(headers: Mapping[str, str], key: str | None) -> HttpAnswer | None:
    """Refuse who does not show the server's key; without a key everybody may ask."""
    shown = headers.get("authorization", "").removeprefix("Bearer ").strip()
    if key is None or shown == key:
        return None
    if not shown:
        return refusal(401, "You didn't provide an API key. Provide it in an Authorization header.")
    hidden = f"{shown[:3]}***{shown[-2:]}" if len(shown) > 8 else "***"
    return refusal(401, f"Incorrect API key provided: {hidden}.", code="invalid_api_key")


def unknown_model(model: str) -> HttpAnswer:
    """Refuse a model that is not there."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refusal(404, message, code="model_not_found")


def refused(request: ModelRequest, models: tuple[str, ...]) -> HttpAnswer | None:
    """Refuse a request as the provider does, or `None` when it is in order."""
    if request.path not in {CHAT, RESPONSES} or request.method != "POST":
        return refusal(404, f"Invalid URL ({request.method} {request.path})")
    if not request.body:
        return refusal(400, "We could not parse the JSON body of your request.")
    if not request.model:
        return refusal(400, "you must provide a model parameter")
    if models and request.model not in models:
        return unknown_model(request.model)
    if not request.messages:
        named = "input" if request.responses else "messages"
        return _missing(named)
    return next(_of_format(request), None) or next(_of_tools(request), None)


def _missing(param: str) -> HttpAnswer:
    message = f"Missing required parameter: '{param}'."
    return refusal(400, message, param=param, code="missing_required_parameter")


def _of_format(request: ModelRequest) -> Iterator[HttpAnswer]:
    at = "text.format" if request.responses else "response_format"
    within = at if request.responses else f"{at}.json_schema"
    kind = request.format.get("type", "text")
    if kind == "json_object" and "json" not in request.prompt.lower():
        message = f"The messages must contain the word 'json' to use '{at}' of type 'json_object'."
        yield refusal(400, message, param=at)
    if kind != "json_schema":
        return
    name = request.format.get("name")
    if not name:
        yield _missing(f"{within}.name")
    elif not SCHEMA_NAME.fullmatch(str(name)):
        message = f"Invalid '{within}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'."
        yield refusal(400, message, param=f"{within}.name", code="invalid_value")
    if not isinstance(request.schema, Mapping):
        yield _missing(f"{within}.schema")
    elif request.strict and (why := objection(request.schema)):
        message = f"Invalid schema for response_format '{name}': {why}"
        if request.responses:
            yield refusal(400, message, param="text.format.schema", code="invalid_json_schema")
        yield refusal(400, message, param="response_format")


def _of_tools(request: ModelRequest) -> Iterator[HttpAnswer]:
    within = "" if request.responses else ".function"
    for number, tool in enumerate(request.tools):
        why = objection(tool.parameters) if tool.strict else None
        if why:
            yield refusal(
                400,
                f"Invalid schema for function '{tool.name}': {why}",
                param=f"tools[{number}]{within}.parameters",
                code="invalid_function_parameters",
            )


def listed(models: tuple[str, ...]) -> dict[str, Any]:
    """Say which models there are."""
    return {"object": "list", "data": [described(model) for model in models]}


def described(model: str) -> dict[str, Any]:
    """Say what is known of a model."""
    return {"id": model, "object": "model", "created": 0, "owned_by": "procx_graph.testing"}
