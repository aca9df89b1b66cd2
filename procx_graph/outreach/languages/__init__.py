"""What a language brings: the texts of its messages and its lists of words, read from TOML."""

import re
import string
from functools import cache
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from procx_graph.assets import package_toml
from procx_graph.domain.festival_rules import FestivalName
from procx_graph.domain.message import Channel, Language, Tone
from procx_graph.domain.model import Noun
from procx_graph.domain.situation import SituationKind
from procx_graph.errors import ConfigError

NAME_SLOT = "{first_name}"
"""Stands for the customer's name until the text is shown or sent."""

SUBJECT_LENGTH = 60


@cache
def slots(text: str) -> frozenset[str]:
    """Give the names of the slots in a text, e.g. `{"days"}` for "late by {days}".

    Raises:
        ValueError: A brace is not part of a slot.
    """
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _with_slots(*allowed: str, required: bool = True) -> AfterValidator:
    """Refuse a text whose slots are not the allowed ones (all of them when `required`)."""

    def check(text: str) -> str:
        found = slots(text)
        if found - set(allowed) or (required and found != set(allowed)):
            wanted = ", ".join(f"{{{name}}}" for name in allowed) or "none"
            raise ValueError(f"has the slots {sorted(found)}, but takes: {wanted}")
        return text

    return AfterValidator(check)


Plain = Annotated[str, Field(min_length=1), _with_slots()]
Named = Annotated[str, _with_slots("first_name")]
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]*$", max_length=SUBJECT_LENGTH)]
Sentence = Annotated[
    str,
    Field(min_length=1),
    _with_slots("order", "days", "amount", "topic", required=False),
]
Item = Sentence | Annotated[tuple[Sentence, ...], Field(min_length=1)]
"""One sentence, or alternatives of which the first whose slots all have a value is used."""


def _always_begins(items: tuple[str | tuple[str, ...], ...]) -> tuple[str | tuple[str, ...], ...]:
    """Refuse a text that would have no first sentence when nothing is known."""
    first = items[0] if isinstance(items[0], str) else items[0][-1]
    if slots(first):
        raise ValueError("the first sentence needs a last alternative without slots")
    return items


Items = Annotated[tuple[Item, ...], Field(min_length=1), AfterValidator(_always_begins)]
OfferLine = Annotated[str, _with_slots("percent", "expires")]


def _compiles(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is no regular expression."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return patterns


class Greeting(Noun):
    """How a message begins, with the customer's name and without."""

    named: Named
    plain: Plain


class SituationTexts(Noun):
    """What is written in one situation."""

    subject: Annotated[Line, _with_slots()]
    warm: Items
    formal: Items
    apologetic: Items
    sms: Items
    """The short text, in any tone."""

    def items(self, channel: Channel, tone: Tone) -> Items:
        """Give the sentences for a channel and a tone."""
        if channel is Channel.SMS:
            return self.sms
        return {Tone.WARM: self.warm, Tone.FORMAL: self.formal, Tone.APOLOGETIC: self.apologetic}[
            tone
        ]


class Messages(Noun):
    """All texts of a language, as in its `messages.toml`."""

    language: Language
    locale: str
    """Babel's locale for money, dates and counts."""
    sign_off: Annotated[str, _with_slots("sender")]
    sender: Annotated[Line, _with_slots()]
    """Who signs when the policy names nobody."""
    greeting: Greeting
    sms_greeting: Greeting
    offer: OfferLine
    """True of an offer that the business's own system has not confirmed yet."""
    offer_applied: OfferLine
    """True once it has."""
    sms_offer: OfferLine
    sms_offer_applied: OfferLine
    opt_out: Plain
    sms_opt_out: Plain
    festivals: dict[FestivalName, Plain]
    """A greeting for each festival, true before the day and on it."""
    topics: dict[str, Plain] = Field(default_factory=dict)
    """How a ticket category is called inside a sentence."""
    situations: dict[SituationKind, SituationTexts]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [kind.value for kind in SituationKind if kind not in self.situations]
        if missing:
            raise ValueError(f"no texts for {', '.join(missing)}")
        silent = [name.value for name in FestivalName if name not in self.festivals]
        if silent:
            raise ValueError(f"no greeting for {', '.join(silent)}")
        return self


class Internal(Noun):
    """Words of the house that never reach a customer."""

    words: tuple[Annotated[str, Field(min_length=1)], ...]


class Units(Noun):
    """Regular expressions of words that say what a number counts."""

    percent: tuple[str, ...]
    days: tuple[str, ...]
    time: tuple[str, ...]
    """Hours, weeks, months: times that no fact is in."""


Patterns = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], AfterValidator(_compiles)]
"""Regular expressions, read without case from the beginning of a word."""


class Wording(Noun):
    """Ways of speaking that a message must not have, or must have."""

    promise: Patterns
    """What binds the business: guarantees, refunds, deadlines."""
    blame: Patterns
    """The customer is made the culprit."""
    pressure: Patterns
    """Threats and false urgency."""
    apology: Patterns
    """What counts as an apology."""
    offer: Patterns
    """Something is given away: only the approved offer may be."""
    extra: Patterns
    """Gifts that no offer of ours is: vouchers, cashback, free delivery."""
    applied: Patterns
    """An offer is said to be in the customer's account already."""


class RelativeDates(Noun):
    """Days named without a date."""

    relative: Patterns
    weekdays: Annotated[tuple[str, ...], Field(min_length=7, max_length=7)]
    """Regular expressions, Monday first."""


class Identity(Noun):
    """What tells a language from its neighbours in the same script."""

    own: frozenset[str]
    """Frequent words that only this language has."""
    other: frozenset[str]
    """Frequent words of its neighbours that it does not have."""
    letters: str = ""
    """Letters of the script that it does not use."""
    least: float = Field(default=0.0, ge=0, le=1)
    """Least share of the own words in a text; 0 where few languages share the script."""


class Address(Noun):
    """How people are greeted and how letters end."""

    salutations: Patterns
    """How a message begins; NAME is whoever is greeted."""
    nobody: frozenset[str]
    """Who is greeted when no name is: "customer", in lower case."""
    honorifics: frozenset[str]
    """What may stand beside a name."""
    closings: Patterns
    """The line before the sender."""


class FestivalWords(Noun):
    """How a festival greeting is recognised: a wish beside the name of a festival."""

    names: Patterns
    wishes: Patterns


class Lexicon(Noun):
    """The lists of words of a language, as in its `lexicon.toml`."""

    script: str
    """The script it is written in, as Unicode names it."""
    promotion: tuple[Annotated[str, Field(min_length=2, pattern=r"^[^*]+\*?$")], ...]
    """Words and phrases that advertise; after a final * any ending may follow."""
    internal: Internal
    unasked: tuple[Annotated[str, Field(min_length=2)], ...]
    """Words that a person may write to a customer, and a model may not add."""
    numbers: dict[str, int]
    """Number words and their value."""
    units: Units
    currencies: dict[str, tuple[str, ...]]
    """Regular expressions of words for money, by the English name of the currency."""
    wording: Wording
    dates: RelativeDates
    identity: Identity
    address: Address
    festivals: FestivalWords


class LanguagePack(Noun):
    """One language, complete."""

    messages: Messages
    lexicon: Lexicon


@cache
def language_pack(language: Language) -> LanguagePack:
    """Read the pack of a language from the folder that bears its code.

    Raises:
        ConfigError: A file of it is not as it must be; the message names the first wrong key.
    """
    folder = f"outreach/languages/{language.value}"
    try:
        pack = LanguagePack.model_validate(
            {name: package_toml(f"{folder}/{name}.toml") for name in LanguagePack.model_fields}
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{folder}: {where}: {first['msg']}") from error
    if pack.messages.language is not language:
        raise ConfigError(f"{folder}: messages.language: is {pack.messages.language.value!r}")
    return pack
