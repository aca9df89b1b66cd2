"""A text as the checks read it: folded to one spelling, with the way back to the original."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from procx_graph.domain.message import Finding, Severity
from procx_graph.outreach.letters import MARKS

_CLUSTER = re.compile(rf".[{MARKS}]*", re.DOTALL)
_WORD = re.compile(rf"[A-Za-z0-9]+|(?:[^\x00-\x7f\W]|[{MARKS}])+")


class Word(NamedTuple):
    """A word where it stands in a folded text."""

    text: str
    """Casefolded."""
    start: int
    end: int


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Give compatible characters one spelling and drop those that are not seen."""
    if not text.isprintable():
        text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", text)


def words_of(text: str) -> tuple[Word, ...]:
    """Split a folded text into words; a Latin word ends where an Indic ending begins."""
    return tuple(Word(match[0].casefold(), *match.span()) for match in _WORD.finditer(text))


@dataclass(frozen=True)
class Reading:
    """One field of a message, folded.

    Attributes:
        field: `body` or `subject`.
        original: As it will be sent.
        text: Folded; what was blanked out is spaces.
        starts: For each character of `text`, where it begins in `original`.
        ends: For each character of `text`, where it ends in `original`.
    """

    field: str
    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, original: str, field: str = "body") -> "Reading":
        """Fold a text, cluster by cluster, so that every character knows where it came from."""
        if is_visible(original) and unicodedata.is_normalized("NFKC", original):
            size = len(original)
            return cls(field, original, original, tuple(range(size)), tuple(range(1, size + 1)))
        folded, starts, ends = [], [], []
        for cluster in _CLUSTER.finditer(original):
            piece = fold(cluster[0])
            folded.append(piece)
            starts += [cluster.start()] * len(piece)
            ends += [cluster.end()] * len(piece)
        return cls(field, original, "".join(folded), tuple(starts), tuple(ends))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words that are not blanked out, in order."""
        return words_of(self.text)

    def without(self, *patterns: re.Pattern[str]) -> "Reading":
        """Blank out what the patterns match."""
        reading = self
        for pattern in patterns:
            reading = reading.blank(match.span() for match in pattern.finditer(reading.text))
        return reading

    def blank(self, spans: Iterable[tuple[int, int]]) -> "Reading":
        """Blank out stretches of the text, given in its order."""
        pieces, done = [], 0
        for start, end in spans:
            pieces += [self.text[done:start], " " * (end - start)]
            done = end
        return replace(self, text="".join([*pieces, self.text[done:]])) if pieces else self

    def finding(self, code: str, start: int, end: int, hint: str) -> Finding:
        """Report characters `start` to `end` of `text`, which forbid sending it."""
        return Finding(
            code=code,
            severity=Severity.BLOCK,
            start=self.starts[start],
            end=self.ends[end - 1],
            field=self.field,
            hint=hint,
        )


def is_visible(text: str) -> bool:
    """Whether every character is printable or ends a line."""
    return text.replace("\n", "").isprintable()
