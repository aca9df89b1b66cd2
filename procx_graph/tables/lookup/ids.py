"""How an id of ours may be written in the column of a source."""

import re
from collections.abc import Iterable, Mapping, Sequence

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)


def whole(text: str) -> int | None:
    """Give the number that is written so and not otherwise, None when there is none of 64 bits."""
    number = int(text) if _WHOLE.fullmatch(text) else None
    return number if number is not None and abs(number) < 2**63 else None


def written(ids: Iterable[str], translated: Mapping[str, str] | None = None) -> list[str]:
    """Give the texts that become these ids when the source is read.

    Blanks around an id are not among them: who pads ids is not found.

    Args:
        ids: Ids as cleaned.
        translated: Their values to ours, as the mapping of the source says.
    """
    back = _back(translated or {})
    texts = [text for customer in ids for text in back.get(customer, [customer])]
    return [form for text in texts for form in ([text, f"{text}.0"] if text.isdigit() else [text])]


def _back(translated: Mapping[str, str]) -> dict[str, list[str]]:
    """Give ours to theirs; theirs is also what is not translated at all."""
    back: dict[str, list[str]] = {}
    for theirs, ours in translated.items():
        back.setdefault(ours, [] if ours in translated else [ours]).append(theirs)
        back.setdefault(theirs, [])
    return back


def numbers(texts: Sequence[str]) -> list[int]:
    """Give the whole numbers among the texts."""
    return [number for text in texts if (number := whole(text)) is not None]
