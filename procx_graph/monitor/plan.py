"""What a scan is to do: settled when it starts, and the same when it is resumed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from procx_graph.monitor.surroundings import ScanOptions
from procx_graph.report import Document
from procx_graph.store.scans import ScanRecord


@dataclass(frozen=True)
class Plan:
    """What a scan is to do, and what its report says of the base it was started on."""

    scan_id: str
    options: ScanOptions
    now: datetime
    """The moment of gate and deadlines."""
    as_of: datetime
    scored: int
    profile: Document
    policy: Document
    event: dict[str, Any] | None = None
    """What the one customer of the scan reported."""

    @classmethod
    def of(cls, record: ScanRecord) -> Self:
        """Give the plan of a scan that was started before."""
        return cls(
            scan_id=record.scan_id,
            options=ScanOptions.model_validate_json(record.options),
            now=record.now,
            as_of=record.as_of,
            scored=record.scored,
            profile=Document(name=record.profile_name, hash=record.profile_hash),
            policy=Document(name=record.policy_name, hash=record.policy_hash),
            event=None if record.event is None else json.loads(record.event),
        )
