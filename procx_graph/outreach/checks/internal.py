"""Does the text let slip how the house talks about its customers?"""

import re
from functools import cache

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.phrases import Known, by_first_word, phrases_in
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.languages import language_pack

_KEY = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]+(?:_[A-Za-z0-9]+)+")
"""A name out of code or data, such as `risk_level`."""


def check_internal(reading: Reading, language: Language) -> list[Finding]:
    """Find internal words of the language and of English, and names of data fields."""
    spans = [match.span() for match in _KEY.finditer(reading.text)]
    spans += [
        span
        for span in phrases_in(reading, _known(language))
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


@cache
def _known(language: Language) -> Known:
    """Give the internal words and phrases of English and of the language."""
    packs = (language_pack(Language.ENGLISH), language_pack(language))
    return by_first_word(entry for pack in packs for entry in pack.lexicon.internal.words)
