"""Finding words and phrases of a list in a text, whatever joins their words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from procx_graph.outreach.checks.reading import Reading, Word, fold, words_of

Known = Mapping[str, tuple[tuple[str, ...], ...]]
"""Phrases as words, by their first word, the longest first."""

_JOINT = re.compile(r"[\s._-]{1,3}")
"""What may stand between the words of a phrase: "churn risk", "churn-risk", "churn_risk"."""


def by_first_word(entries: Iterable[str]) -> Known:
    """Sort phrases by their first word, for `phrases_in`."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for entry in entries:
        phrase = tuple(word.text for word in words_of(fold(entry)))
        found[phrase[0]].add(phrase)
    return {first: tuple(sorted(them, key=len, reverse=True)) for first, them in found.items()}


def phrases_in(reading: Reading, known: Known) -> Iterator[tuple[int, int]]:
    """Give where phrases stand, the longest at each place."""
    words, free = reading.words, 0
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
