"""Who decided what, when and why; it can be added to and never changed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from procx_graph.domain.model import Noun
from procx_graph.store.schema import audit


class AuditEntry(Noun):
    """One decision."""

    at: datetime
    actor: str
    """A person as they name themselves, or the part of the program that decided."""
    action: str
    subject: str
    """Id of what was decided about."""
    detail: dict[str, Any]


def note(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    """Write a decision down."""
    text = json.dumps(detail, sort_keys=True, ensure_ascii=False)
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": text}
    connection.execute(insert(audit), values)


def entries(connection: Connection, subject: str | None = None) -> list[AuditEntry]:
    """Give what was decided, of everything or of one subject, in the order written."""
    query = select(audit.c.at, audit.c.actor, audit.c.action, audit.c.subject, audit.c.detail)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [
        AuditEntry(
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            detail=json.loads(row.detail),
        )
        for row in connection.execute(query.order_by(audit.c.id))
    ]
