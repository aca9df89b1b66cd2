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
_LANGUAGES = {language.name.lower(): language for language in Language}
_FILLING = frozenset(
    {
        "a", "again", "an", "and", "as", "be", "but", "by", "draft", "first", "in", "it", "its",
        "language", "make", "message", "more", "please", "say", "send", "should", "sound", "text",
        "the", "this", "to", "tone", "use", "via", "with", "write",
    }
)  # fmt: skip
"""Words that change nothing about a wish."""
_NO_OFFER = re.compile(
    r"\b(?:no|without|drop|remove)\s+(?:an?\s+|the\s+|any\s+)?(?:offers?|discounts?)\b"
)
ChoiceT = TypeVar("ChoiceT")


class Guidance(Noun):
    """What templates can do about a reviewer's wish: tone, channel, language, no offer."""

    tone: Tone | None = None
    channel: Channel | None = None
    language: Language | None = None
    no_offer: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a wish; one with any word that is not known here is not understood at all.

        "Do not e-mail her" must not become an e-mail, so nothing is picked out of a sentence.
        """
        low = text.casefold().replace("e-mail", "email")
        words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", _NO_OFFER.sub(" ", low))
        wishes = [word for word in words if word not in _FILLING]
        if not all(word in _TONES or word in _CHANNELS or word in _LANGUAGES for word in wishes):
            return cls()
        return cls(
            tone=_only(wishes, _TONES),
            channel=_only(wishes, _CHANNELS),
            language=_only(wishes, _LANGUAGES),
            no_offer=bool(_NO_OFFER.search(low)),
        )

    @property
    def understood(self) -> bool:
        """Whether there is anything in it that can be followed without a model."""
        return self != type(self)()


def _only(words: list[str], meanings: Mapping[str, ChoiceT]) -> ChoiceT | None:
    """Give the one thing wished for; contradicting wishes are none."""
    wished = {meanings[word] for word in words if word in meanings}
    return wished.pop() if len(wished) == 1 else None
