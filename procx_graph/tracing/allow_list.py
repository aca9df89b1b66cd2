"""What of a run's state may leave: codes and figures under known keys, or capped texts."""

from collections.abc import Mapping
from typing import Any

from procx_graph.tracing.redaction import MASKED, is_code, redacted

GROUPS = frozenset(
    {
        *("score", "permit", "event", "situation", "pattern", "decision", "offer"),
        *("packet", "message", "findings", "reasons", "review", "counts", "others"),
    }
)
"""Under which keys others stand, and nothing leaves that is not under one of those."""
WORDS = frozenset(
    {
        # a score
        *("state", "health", "coverage", "confidence", "churn_risk", "risk_method"),
        *("horizon_days", "risk_level", "value_at_stake", "revenue_at_risk", "rank", "top_share"),
        # what the agents find
        *("language", "channel"),
        *("kind", "sentiment", "urgency", "trend", "action", "priority", "tone", "purpose"),
        *("escalate", "code", "percent_off", "valid_days", "approved", "applied", "refused"),
        *("level", "severity", "field", "verdict", "degraded", "route"),
        # a result and the counts of a scan
        *("status", "reason", "scored", "eligible", "processed", "drafted", "escalated"),
        *("skipped", "failed", "closed", "at_risk", "given_up", "beyond_limit", "gone"),
        *("below_floor", "handled_lately", "dormant", "churned", "new", "active"),
        # an evaluation
        *("situation_id", "tags"),
        # models and prompts
        *("role", "finish_reason", "ls_provider", "ls_model_name", "ls_model_type"),
        *("ls_temperature", "ls_max_tokens", "prompt_name", "prompt_version", "prompt_digest"),
        *("prompt_source", "is_langchain_root"),
    }
)
"""Under which keys a figure or a word of ours may leave, wherever they stand."""
TEXT, ITEMS, DEPTH, BUDGET = 4_000, 50, 8, 60_000
"""Caps of texts that leave: characters of one, items of a list, levels, characters of a field."""
_LONG_NUMBER = 10**9
"""From here on it may be a number to call, or of a card."""


def allowed(data: Any) -> Any:
    """Keep codes and figures under known keys, and no text.

    Args:
        data: Whatever a run gives: a state, a `Command`, messages, a text.
    """
    return _of_group(data, DEPTH)


def _of_group(data: Any, depth: int) -> Any:
    """Give what may leave of a state, or of a list of them; `None` for anything else."""
    if isinstance(data, Mapping) and depth:
        kept = {}
        for key, value in data.items():
            if key in WORDS:
                told = _word(value)
            elif key in GROUPS:
                told = _of_group(value, depth - 1)
            else:
                continue
            if told is not None and told != {} and told != []:
                kept[key] = told
        return kept
    if isinstance(data, list | tuple) and depth:
        found = (_of_group(one, depth - 1) for one in data[:ITEMS])
        return [told for told in found if told]
    return _of_group(data.update, depth - 1) if depth and _is_command(data) else None


def _word(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if is_code(value) else None
    if isinstance(value, list | tuple | set | frozenset):
        return [one for one in list(value)[:ITEMS] if isinstance(one, str) and is_code(one)]
    return None


def capped(data: Any) -> Any:
    """Keep texts too, redacted and capped; for those who chose to."""
    return _Capping().of(data, DEPTH)


class _Capping:
    """Caps one field; all its texts together have a budget."""

    def __init__(self) -> None:
        self._left = BUDGET

    def of(self, data: Any, depth: int) -> Any:
        if data is None or isinstance(data, bool | float):
            return data
        if isinstance(data, int):
            return data if abs(data) < _LONG_NUMBER else MASKED
        if isinstance(data, str):
            return self._text(data)
        if depth == 0 or self._left <= 0:
            return "…"
        if isinstance(data, Mapping):
            items = list(data.items())[: 2 * ITEMS]
            return {redacted(str(key)[:100]): self.of(value, depth - 1) for key, value in items}
        if isinstance(data, list | tuple | set | frozenset):
            return [self.of(one, depth - 1) for one in list(data)[:ITEMS]]
        if _is_command(data):
            return self.of(data.update, depth)
        dumped = getattr(data, "model_dump", None)
        return self.of(dumped(mode="json"), depth - 1) if dumped else type(data).__name__

    def _text(self, text: str) -> str:
        kept = text[: min(TEXT, max(0, self._left))]
        self._left -= len(kept)
        return redacted(kept) if len(kept) == len(text) else f"{redacted(kept)}…"


def _is_command(data: Any) -> bool:
    """Whether it is LangGraph's `Command`, which carries an update of the state."""
    return type(data).__name__ == "Command" and hasattr(data, "update")
