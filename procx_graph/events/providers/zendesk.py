"""Zendesk: tickets that are opened, escalated, solved, reopened and rated.

Names and shapes of event version 2022-11-06. A trigger that sends the same envelope is read alike,
which is the way to a rating where an account has no `ticket.csat_received`.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, Reference, ReferenceKind
from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery, Headers, Merge
from procx_graph.events.providers.reading import (
    ID_LIMIT,
    at,
    ident,
    moment,
    references,
    text,
    things,
    whole,
    word,
)
from procx_graph.events.providers.verify import (
    as_bytes,
    read_json,
    require_header,
    require_match,
    require_recent,
    require_secrets,
)

_PREFIX = "zen:event-type:"
_SIGNATURE = "x-zendesk-webhook-signature"
_TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
_ENDED = frozenset({"solved", "closed"})
_PRIORITIES = ("low", "normal", "high", "urgent")
_URGENT = frozenset({"high", "urgent"})
_CATEGORIES = ("payment", "delivery", "refund", "product", "account")
_RATINGS = {"good": 5, "bad": 1}
"""Zendesk's two ratings as the ends of five."""
_SEVERAL = 200
"""Tags that are read of a ticket."""


class ZendeskProvider:
    """Reads ticket events; the dedupe key is the event's id.

    Args:
        escalation_tags: Tags that, added to a ticket, mean it was escalated.
        escalation_groups: Ids of the groups that take escalated tickets.
        refund_tags: Tags of a ticket that asks for money back.
        merge_keeps_detail: Whether `user.merged` is told of the user that stays; public
            documents leave open which of its two users that is.
    """

    name = "zendesk"

    def __init__(
        self,
        *,
        escalation_tags: Collection[str] = ("escalate", "escalated", "escalation"),
        escalation_groups: Collection[str] = (),
        refund_tags: Collection[str] = ("refund", "refund_request", "return"),
        merge_keeps_detail: bool = True,
    ) -> None:
        self._escalation_tags = frozenset(tag.lower() for tag in escalation_tags)
        self._escalation_groups = frozenset(escalation_groups)
        self._refund_tags = frozenset(tag.lower() for tag in refund_tags)
        self._merge_keeps_detail = merge_keeps_detail

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        *,
        now: datetime,
        token: str | None = None,  # noqa: ARG002 - Zendesk signs every delivery
    ) -> None:
        """Check base64(HMAC-SHA256(secret, timestamp + body)), and the timestamp."""
        keys = require_secrets(self.name, secrets)
        given = require_header(self.name, headers, _SIGNATURE)
        stamp = require_header(self.name, headers, _TIMESTAMP)
        signed = as_bytes(stamp) + body
        ours = [_signature(key, signed) for key in keys]
        require_match(self.name, ours, [as_bytes(given)])
        signed_at = moment(stamp)
        if signed_at is None:
            raise WebhookError(
                self.name, "bad_timestamp", f"the header {_TIMESTAMP} is no time", status=401
            )
        require_recent(self.name, signed_at, now)

    def read(
        self,
        headers: Headers,  # noqa: ARG002 - the body tells everything
        body: bytes,
        *,
        now: datetime,
        extra: Mapping[str, Any] | None = None,  # noqa: ARG002 - the body tells everything
    ) -> Delivery:
        """Read an event; a ticket's external id is our customer id, its requester an alias."""
        told = read_json(self.name, body)
        key, topic = ident(told.get("id")), ident(told.get("type"))
        if key is None or topic is None:
            raise WebhookError(self.name, "no_event", "the body has no event id and type")
        told["id"], told["type"] = key, topic.removeprefix(_PREFIX)
        occurred_at = moment(told.get("time")) or now
        delivery = Delivery(
            provider=self.name,
            account=ident(told.get("account_id")) or "",
            key=key,
            topic=topic,
            occurred_at=occurred_at,
        )
        if told["type"] == "user.merged":
            return self._merged(delivery, told)
        types = list(self._types(told))
        if not types:
            rated = told["type"] == "ticket.csat_received"
            return delivery.model_copy(update={"remark": "it tells no rating"} if rated else {})
        occurrences = tuple(self._occurrence(type_, delivery, told) for type_ in types)
        return delivery.model_copy(update={"occurrences": occurrences})

    def _types(self, told: Mapping[str, Any]) -> Iterator[EventType]:
        """Give what an event means, the first as the event's own meaning."""
        event, detail = told.get("event"), told.get("detail")
        previous = word(at(event, "previous"))
        match told["type"]:
            case "ticket.created":
                yield EventType.TICKET_CREATED
                if self._refund_tags & _tags(at(detail, "tags")):
                    yield EventType.REFUND_REQUESTED
            case "ticket.status_changed":
                if _current(told, "status") in _ENDED:
                    yield EventType.TICKET_SOLVED
                elif previous in _ENDED and _current(told, "status"):
                    yield EventType.TICKET_REOPENED
            case "ticket.priority_changed":
                current = _current(told, "priority")
                if current in _URGENT and _rank(current) > _rank(previous):
                    yield EventType.TICKET_ESCALATED
            case "ticket.group_assignment_changed":
                if _current(told, "group_id") in self._escalation_groups:
                    yield EventType.TICKET_ESCALATED
            case "ticket.tags_changed":
                added = _added_tags(event)
                if self._escalation_tags & added:
                    yield EventType.TICKET_ESCALATED
                if self._refund_tags & added:
                    yield EventType.REFUND_REQUESTED
            case "ticket.csat_received":
                if _rating(told)[0] is not None:
                    yield EventType.CSAT

    def _occurrence(
        self, type_: EventType, delivery: Delivery, told: Mapping[str, Any]
    ) -> Occurrence:
        ticket = _ticket_id(told)
        if ticket is None:
            raise WebhookError(self.name, "no_ticket", "the body names no ticket")
        asked_back = type_ is EventType.REFUND_REQUESTED
        return Occurrence(
            type=type_,
            provider=self.name,
            account=delivery.account,
            key=f"{delivery.key}:refund" if asked_back else delivery.key,
            occurred_at=delivery.occurred_at,
            things=things(ticket=ticket),
            references=_references(told),
            facts=_facts(type_, ticket, told),
        )

    def _merged(self, delivery: Delivery, told: Mapping[str, Any]) -> Delivery:
        kept = ident(at(told, "detail", "id"))
        gone = ident(at(told, "event", "user", "id"))
        if not self._merge_keeps_detail:
            kept, gone = gone, kept
        if kept is None or gone is None or kept == gone:
            return delivery.model_copy(update={"remark": "it does not name two users"})
        return delivery.model_copy(update={"merges": (Merge(gone=gone, kept=kept),)})


def _signature(key: str, signed: bytes) -> bytes:
    digest = hmac.digest(as_bytes(key), signed, hashlib.sha256)
    return base64.b64encode(digest)


def _current(told: Mapping[str, Any], name: str) -> str | None:
    """Give what a field of the ticket is now; group ids are numbers or text."""
    for value in (at(told, "event", "current"), at(told, "detail", name)):
        found = ident(value)
        if found:
            return found.lower()
    return None


def _rank(priority: str | None) -> int:
    return _PRIORITIES.index(priority) if priority in _PRIORITIES else -1


def _tags(value: Any) -> set[str]:
    listed = value[:_SEVERAL] if isinstance(value, list) else []
    return {found for tag in listed if (found := word(tag, ID_LIMIT))}


def _added_tags(event: Any) -> set[str]:
    """Give the tags that are new, in any of the ways in which a change is told."""
    added = at(event, "added")
    listed = added if isinstance(added, list) else at(added, "tags")
    fresh = _tags(listed) | _tags(at(event, "tags_added"))
    current, previous = at(event, "current"), at(event, "previous")
    return fresh | (_tags(current) - _tags(previous))


def _ticket_id(told: Mapping[str, Any]) -> str | None:
    found = ident(at(told, "detail", "id"))
    subject = ident(told.get("subject")) or ""
    return found or ident(subject.removeprefix("zen:ticket:"))


def _rating(told: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Give a rating as 1 to 5, and what was written with it."""
    for found in (
        at(told, "event", "satisfaction_score"),
        at(told, "event", "satisfaction_rating"),
        at(told, "detail", "satisfaction_rating"),
        told.get("event"),
    ):
        for score in (at(found, "score"), at(found, "rating"), found):
            said = (word(score) or "").split(",")[0]
            stars = _RATINGS.get(said) or whole(score, 1, 5)
            if stars is not None:
                return stars, text(at(found, "comment"))
    return None, None


def _references(told: Mapping[str, Any]) -> tuple[Reference, ...]:
    detail = told.get("detail")
    requester = ident(at(detail, "requester_id"))
    return references(
        (ReferenceKind.CUSTOMER_ID, at(detail, "external_id"), True),
        (ReferenceKind.CUSTOMER_ID, at(detail, "requester", "external_id"), True),
        (ReferenceKind.ACCOUNT, None if requester == "0" else requester, True),
    )


def _facts(type_: EventType, ticket: str, told: Mapping[str, Any]) -> Facts:
    detail = told.get("detail")
    tags = _tags(at(detail, "tags"))
    priority = word(at(detail, "priority"))
    score, comment = _rating(told) if type_ is EventType.CSAT else (None, None)
    return Facts(
        ticket_id=ticket,
        subject=text(at(detail, "subject")),
        text=comment if type_ is EventType.CSAT else text(at(detail, "description")),
        priority=priority if priority in _PRIORITIES else None,
        category=next((name for name in _CATEGORIES if name in tags), None),
        channel=word(at(detail, "via", "channel")),
        score=score,
    )
