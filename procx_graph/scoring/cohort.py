"""Cohort statistics: what of a whole base the scores of one customer depend on, to be stored.

With them one customer is scored alone and gets exactly the numbers of the scan of everybody.
"""

import hashlib
import io
import json
import struct
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from pydantic import ValidationError

from procx_graph.domain.profile import Profile, PurchaseModel
from procx_graph.domain.risk import RiskMethod
from procx_graph.errors import DataError
from procx_graph.scoring.appraise import Setting
from procx_graph.scoring.health.peers import Ladder, Peers
from procx_graph.scoring.health.weighing import Matrix
from procx_graph.scoring.ranking import Standing
from procx_graph.scoring.risk.norms import Norms
from procx_graph.scoring.silence.fit import Fit

MAGIC = b"procx-cohort-1\n"
_DIGEST = 32
_UNREADABLE = "these are no cohort statistics that this version reads"
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, eq=False)
class Cohort:
    """Statistics of a base at one moment under one profile.

    Attributes:
        setting: Profile, moment, peers and purchase model.
        norms: Averages of the risk.
        medians: Median sub-score of each factor; NaN where nobody has it.
        standing: The active customers by revenue at risk.
        is_current: Whether snapshot columns held at the moment.
        fingerprint: Of the base's data.
        source: What the base is called.
    """

    setting: Setting
    norms: Norms
    medians: Matrix
    standing: Standing
    is_current: bool
    fingerprint: str
    source: str

    @property
    def as_of(self) -> datetime:
        """The moment the statistics hold for."""
        return self.setting.as_of

    @property
    def profile_hash(self) -> str:
        """Hash of the profile they were made with."""
        return self.setting.profile.hash

    @cached_property
    def version(self) -> str:
        """Sixteen hex digits that change with anything in the statistics."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def to_bytes(self) -> bytes:
        """Write them down: a JSON head, then compressed Arrow."""
        ladders = list(self.setting.peers.ladders.items())
        head = json.dumps(self._head([list(key) for key, _ in ladders]), sort_keys=True)
        frames = [
            *(pl.DataFrame({"value": one.values, "equal": one.equal}) for _, one in ladders),
            pl.DataFrame(
                {"revenue": self.standing.revenue, "customer_id": self.standing.customer_ids}
            ),
        ]
        parts = [head.encode(), *(_packed(frame) for frame in frames)]
        body = b"".join(_LENGTH.pack(len(part)) + part for part in parts)
        return MAGIC + hashlib.sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, content: bytes) -> "Cohort":
        """Read them back.

        Raises:
            DataError: These are no cohort statistics, or those of another version.
        """
        body = _body(content)
        try:
            head, *frames = _parts(body)
            return cls._read(json.loads(head), [pl.read_ipc(io.BytesIO(one)) for one in frames])
        except (
            struct.error, ValueError, KeyError, TypeError, IndexError, OSError, RecursionError,
            pl.exceptions.PolarsError, ValidationError,
        ) as error:  # fmt: skip
            raise DataError(_UNREADABLE) from error

    def _head(self, keys: list[list[str | None]]) -> dict[str, Any]:
        setting, peers, fit = self.setting, self.setting.peers, self.setting.fit
        return {
            "profile": setting.profile.model_dump(mode="json"),
            "as_of": setting.as_of.isoformat(),
            "is_current": self.is_current,
            "fingerprint": self.fingerprint,
            "source": self.source,
            "norms": [self.norms.buyers, self.norms.mean],
            "medians": [None if np.isnan(one) else one for one in self.medians.tolist()],
            "ladders": keys,
            "usual": list(peers.usual.items()),
            "typical_gap_days": peers.typical_gap_days,
            "mean_order_cents": peers.mean_order_cents,
            "fit": None
            if fit is None
            else [fit.model.model_dump(mode="json"), fit.method.value, fit.customers, fit.reason],
        }

    @classmethod
    def _read(cls, head: dict[str, Any], frames: list[pl.DataFrame]) -> "Cohort":
        keys = [tuple(key) for key in head["ladders"]]
        *ladders, standing = frames
        peers = Peers(
            ladders={
                key: Ladder(one["value"].to_numpy(), one["equal"].to_numpy())
                for key, one in zip(keys, ladders, strict=True)
            },
            usual=dict(head["usual"]),
            typical_gap_days=head["typical_gap_days"],
            mean_order_cents=head["mean_order_cents"],
        )
        setting = Setting(
            profile=Profile.model_validate(head["profile"]),
            as_of=datetime.fromisoformat(head["as_of"]),
            peers=peers,
            fit=_fit(head["fit"]),
        )
        return cls(
            setting=setting,
            norms=Norms(*head["norms"]),
            medians=np.array([np.nan if one is None else one for one in head["medians"]]),
            standing=Standing(standing["revenue"].to_numpy(), standing["customer_id"]),
            is_current=head["is_current"],
            fingerprint=head["fingerprint"],
            source=head["source"],
        )


def _fit(told: list[Any] | None) -> Fit | None:
    if told is None:
        return None
    model, method, customers, reason = told
    return Fit(PurchaseModel.model_validate(model), RiskMethod(method), customers, reason)


def _packed(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def _body(content: bytes) -> bytes:
    """Give what comes after the beginning, whole and unchanged.

    Raises:
        DataError: It is not.
    """
    if not isinstance(content, bytes) or not content.startswith(MAGIC):
        raise DataError(_UNREADABLE)
    start = len(MAGIC) + _DIGEST
    digest, body = content[len(MAGIC) : start], content[start:]
    if hashlib.sha256(body).digest() != digest:
        raise DataError("these cohort statistics are damaged: score the whole base again")
    return body


def _parts(body: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(body):
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        parts.append(body[at : at + length])
        at += length
    return parts
