"""Guidance in a reviewer's words, as far as rules can follow it."""

import re
from collections.abc import Mapping
from typing import Self, TypeVar

from procx_graph.domain.message import Channel, Language, Tone
from procx_graph.domain.model import Noun

_TONES = {
    "warm": Tone.WARM, "warmer": Tone.WARM, "friendly": Tone.WARM, "friendlier": Tone.WARM,
    "formal": Tone.FORMAL, "professional": Tone.FORMAL, "polite": Tone.FORMAL,
    "apologetic": Tone.APOLOGETIC, "apologise": Tone.APOLOGETIC, "apologize": Tone.APOLOGETIC,
    "apology": Tone.APOLOGETIC, "sorry": Tone.APOLOGETIC,
}  # fmt: skip
_CHANNELS = {
    "email": Channel.EMAIL, "mail": Channel.EMAIL, "sms": Channel.SMS,
    "short": Channel.SMS, "shorter": Channel.SMS, "whatsapp": Channel.WHATSAPP,
}  # fmt: skip
ChoiceT = TypeVar("ChoiceT")
_LANGUAGES = {language.name.lower(): language for language in Language}
_NOT = re.compile(
    r"\b(?:not|no|less|without|never|avoid|don['’]?t)\b(?:\s+(?:be|so|too|an?|the|by|use|via|in|sound))*"
    r"\s+[^\W\d_]+"
)
"""A wish against something: with the word it is about, it is passed over."""
_NO_OFFER = re.compile(
    r"\b(?:no|without|drop|remove)\s+(?:an?\s+|the\s+|any\s+)?(?:offer|discount)"
)


class Guidance(Noun):
    """What templates can do about a reviewer's wish: tone, channel, language, no offer."""

    tone: Tone | None = None
    channel: Channel | None = None
    language: Language | None = None
    no_offer: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the wish; words that mean nothing to the rules are passed over."""
        low = text.casefold().replace("e-mail", "email")
        words = re.findall(r"[^\W\d_]+", _NOT.sub(" ", low))
        return cls(
            tone=_first(words, _TONES),
            channel=_first(words, _CHANNELS),
            language=_first(words, _LANGUAGES),
            no_offer=bool(_NO_OFFER.search(low)),
        )

    @property
    def understood(self) -> bool:
        """Whether anything in it can be followed without a model."""
        return self != type(self)()


def _first(words: list[str], meanings: Mapping[str, ChoiceT]) -> ChoiceT | None:
    return next((meanings[word] for word in words if word in meanings), None)
