"""Does the text let slip how the house talks about its customers?"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.reading import Reading, Word, fold, words_of
from procx_graph.outreach.languages import language_pack

_KEY = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]+(?:_[A-Za-z0-9]+)+")
"""A name out of code or data, such as `risk_level`."""

_JOINT = re.compile(r"[\s._-]{1,3}")
"""What may stand between the words of a phrase: "churn risk", "churn-risk", "churn_risk"."""


def check_internal(reading: Reading, language: Language) -> list[Finding]:
    """Find internal words of the language and of English, and names of data fields."""
    spans = [match.span() for match in _KEY.finditer(reading.text)]
    spans += [
        span
        for span in _phrases_in(reading, language)
        if not any(start <= span[0] < end for start, end in spans)
    ]
    return [
        reading.finding(
            "internal_word",
            start,
            end,
            f"say it without {reading.text[start:end]!r}: customers are not to read it",
        )
        for start, end in spans
    ]


def _phrases_in(reading: Reading, language: Language) -> Iterator[tuple[int, int]]:
    """Give where internal words stand, the longest at each place."""
    words, known, free = reading.words, _phrases(language), 0
    for first, word in enumerate(words):
        for phrase in known.get(word.text, ()):
            found = words[first : first + len(phrase)]
            if first >= free and _is_phrase(reading.text, found, phrase):
                yield word.start, found[-1].end
                free = first + len(phrase)


def _is_phrase(text: str, found: tuple[Word, ...], phrase: tuple[str, ...]) -> bool:
    """Whether the words of a text are those of a phrase, side by side."""
    return tuple(word.text for word in found) == phrase and all(
        _JOINT.fullmatch(text, before.end, after.start) for before, after in pairwise(found)
    )


@cache
def _phrases(language: Language) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Give the internal words and phrases by their first word, the longest first."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for pack in (language_pack(Language.ENGLISH), language_pack(language)):
        for entry in pack.lexicon.internal.words:
            phrase = tuple(word.text for word in words_of(fold(entry)))
            found[phrase[0]].add(phrase)
    return {first: tuple(sorted(them, key=len, reverse=True)) for first, them in found.items()}
