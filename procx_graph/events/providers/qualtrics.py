"""Qualtrics: answers to the survey that asks whether one would recommend us."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from procx_graph.domain.occurrence import Facts, Occurrence, ReferenceKind
from procx_graph.errors import ConfigError, WebhookError
from procx_graph.events.nps import nps_type
from procx_graph.events.providers.provider import Delivery, Headers
from procx_graph.events.providers.reading import (
    ident,
    moment,
    references,
    text,
    things,
    whole,
)
from procx_graph.events.providers.verify import as_bytes, read_json, require_match, require_secrets

TOKEN = "token:"  # noqa: S105 - a prefix, no secret
"""How a secret of the address is told from a shared key.

A secret `token:XYZ` lets in deliveries without a signature at an address that ends in
`?token=XYZ`; every other secret is a shared key, with which Qualtrics signs.
"""

_ANSWERED = "completedResponse"
_FIELDS = 50
"""Fields that a form may have."""


class QualtricsProvider:
    """Reads completed responses; the dedupe key is survey, response and what became of it.

    A delivery names a response but not what was answered. The business fetches that and hands it
    to `read` as `extra`, with these keys, all of them optional:

    - `nps_score`: 0 to 10.
    - `customer_id`: our own, Qualtrics' externalDataReference.
    - `email`: the recipient's address.
    - `text`: what was added in words.

    Only what is inside MSG is signed. The topic is not, so it must agree with MSG, and of the key
    of an answer it makes no part: else a delivery could be sent again under another topic.

    Args:
        zone: Name of the brand's time zone, in which completion is told.

    Raises:
        ConfigError: No such time zone.
    """

    name = "qualtrics"

    def __init__(self, *, zone: str = "UTC") -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigError(f"qualtrics: no time zone is called {zone!r}") from error

    def verify(
        self,
        headers: Headers,  # noqa: ARG002 - the signature is in the body
        body: bytes,
        secrets: Sequence[str],
        *,
        now: datetime,  # noqa: ARG002 - the scheme has no timestamp
        token: str | None = None,
    ) -> None:
        """Check hex(HMAC-SHA512(shared key, MSG)), or the token where nothing is signed."""
        known = require_secrets(self.name, secrets)
        form = self._form(body)
        if "HMAC" in form and "MSG" in form:
            message = form["MSG"].encode()
            keys = [secret for secret in known if not secret.startswith(TOKEN)]
            ours = [_signature(key, message) for key in require_secrets(self.name, keys)]
            require_match(self.name, ours, [form["HMAC"].encode()])
            return
        tokens = [secret.removeprefix(TOKEN) for secret in known if secret.startswith(TOKEN)]
        expected = [as_bytes(secret) for secret in tokens if secret]
        if not expected or not token:
            raise WebhookError(
                self.name,
                "no_signature",
                "the delivery is not signed: give the subscription a shared key, or configure a "
                f"secret {TOKEN}… and end the address in ?token=…",
                status=401,
            )
        require_match(self.name, expected, [as_bytes(token)])

    def read(
        self,
        headers: Headers,  # noqa: ARG002 - the body tells everything
        body: bytes,
        *,
        now: datetime,
        extra: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Read which response was completed, and from `extra` what it says."""
        form = self._form(body)
        message = read_json(self.name, form["MSG"].encode()) if "MSG" in form else form
        survey, response, topic, brand = (
            ident(value, 120)
            for value in (
                message.get("SurveyID"),
                message.get("ResponseID"),
                form.get("Topic"),
                message.get("BrandID"),
            )
        )
        if survey is None or response is None or topic is None:
            raise WebhookError(self.name, "no_response", "no survey, response or topic is named")
        parts = topic.split(".")
        answered = _ANSWERED in parts
        if answered and (parts[-1] != survey or (brand and parts[0] != brand)):
            raise WebhookError(self.name, "bad_topic", "the topic is not of the signed message")
        delivery = Delivery(
            provider=self.name,
            account=brand or "",
            key=f"{survey}/{response}/{_ANSWERED if answered else topic}",
            topic=topic,
            occurred_at=moment(message.get("CompletedDate"), self._zone) or now,
        )
        if not answered:
            return delivery
        return _with_answer(delivery, response, extra or {})

    def _form(self, body: bytes) -> dict[str, str]:
        try:
            pairs = parse_qsl(
                body.decode(),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_FIELDS,
            )
        except ValueError as error:
            raise WebhookError(self.name, "not_a_form", "the body is no form") from error
        form = dict(pairs)
        if len(form) != len(pairs):
            raise WebhookError(self.name, "not_a_form", "the form has a field twice")
        return form


def _with_answer(delivery: Delivery, response: str, extra: Mapping[str, Any]) -> Delivery:
    score = whole(extra.get("nps_score"), 0, 10)
    if score is None:
        remark = "the NPS score of the response is not known: it has to be fetched from Qualtrics"
        return delivery.model_copy(update={"remark": remark})
    occurrence = Occurrence(
        type=nps_type(score),
        provider=delivery.provider,
        account=delivery.account,
        key=delivery.key,
        occurred_at=delivery.occurred_at,
        things=things(response=response),
        references=references(
            (ReferenceKind.CUSTOMER_ID, extra.get("customer_id"), True),
            (ReferenceKind.EMAIL, extra.get("email"), True),
        ),
        facts=Facts(score=score, survey_id=response, text=text(extra.get("text"))),
    )
    return delivery.model_copy(update={"occurrences": (occurrence,)})


def _signature(key: str, message: bytes) -> bytes:
    return hmac.digest(as_bytes(key), message, hashlib.sha512).hex().encode()
