"""A message from templates: what happened, in the customer's language and tone."""

import re
from collections.abc import Iterator, Mapping
from math import inf

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.domain.situation import Situation
from procx_graph.outreach.languages import NAME_SLOT, Items, Messages, formats, language_pack, slots
from procx_graph.outreach.sms import SEGMENTS, segments

_ORDER_ID = re.compile(r"[^\W_](?:[\w#./-]{0,38}[\w])?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def compose(
    situation: Situation,
    *,
    language: Language,
    tone: Tone,
    channel: Channel,
    purpose: Purpose,
    offer: Offer | None,
    named: bool,
    currency: str | None,
    sender: str | None,
    greeting: str | None = None,
) -> Message:
    """Write a message to the customer from the templates of a language.

    Only an approved offer with an expiry is told, as applied only once that is confirmed; any
    offer at all makes the message marketing, and marketing says how to stop it. A text message
    keeps to two segments by leaving out its last sentences, never the first, the offer or the way
    to stop.

    Args:
        situation: What the message is about.
        language: The customer's.
        tone: How it speaks; a text message has one tone.
        channel: E-mail has a subject and is signed, the others are not.
        purpose: What the decision took it for.
        offer: What the customer gets; `None` for nothing.
        named: Whether to greet by name: the text then has `{first_name}` for `fill_name`.
        currency: ISO 4217 code of the situation's amount; `None` leaves the amount out.
        sender: Who signs; `None` for the template's own.
        greeting: A festival greeting in the language, a paragraph of its own; a text message has
            it only when everything else still fits.

    Raises:
        ConfigError: The templates of the language are not as they must be.
    """
    messages = language_pack(language).messages
    texts = messages.situations[situation.kind]
    purpose = Purpose.MARKETING if offer is not None else purpose
    values = _values(situation, offer, currency, messages)
    sentences = list(_sentences(texts.items(channel, tone), values))
    applied = offer is not None and offer.applied
    if channel is Channel.SMS:
        line = messages.sms_offer_applied if applied else messages.sms_offer
        ending = _fitting((line,), values)
        if purpose is Purpose.MARKETING:
            ending.append(messages.sms_opt_out)
        body = _text_message(messages, sentences, ending, greeting, named=named)
    else:
        signer = sender or messages.sender if channel is Channel.EMAIL else None
        line = messages.offer_applied if applied else messages.offer
        told = [*filter(None, (greeting,)), " ".join(sentences), *_fitting((line,), values)]
        body = _letter(messages, told, signer, named=named, purpose=purpose)
    return Message(
        language=language,
        channel=channel,
        tone=tone,
        purpose=purpose,
        subject=texts.subject if channel is Channel.EMAIL else None,
        body=body,
    )


def _letter(
    messages: Messages,
    told: list[str],
    signer: str | None,
    *,
    named: bool,
    purpose: Purpose,
) -> str:
    """Set an e-mail, or a WhatsApp message (without `signer`), in paragraphs."""
    paragraphs = [messages.greeting.named if named else messages.greeting.plain, *told]
    if signer is not None:
        paragraphs.append(messages.sign_off.replace("{sender}", signer))
    if purpose is Purpose.MARKETING:
        paragraphs.append(messages.opt_out)
    return "\n\n".join(paragraphs)


def _text_message(
    messages: Messages,
    sentences: list[str],
    ending: list[str],
    greeting: str | None,
    *,
    named: bool,
) -> str:
    """Set a text message on one line, within two segments when its first sentence allows."""
    salutation = messages.sms_greeting.named if named else messages.sms_greeting.plain
    if greeting is not None:
        text = salutation + " ".join([greeting, *map(_begun, sentences), *ending])
        if segments(text) <= SEGMENTS:
            return text
    text = salutation + " ".join([*sentences, *ending])
    while len(sentences) > 1 and segments(text) > SEGMENTS:
        sentences = sentences[:-1]
        text = salutation + " ".join([*sentences, *ending])
    return text


def _begun(sentence: str) -> str:
    """Begin a sentence with a capital: it no longer follows the salutation's comma."""
    return sentence[:1].upper() + sentence[1:]


def _values(
    situation: Situation, offer: Offer | None, currency: str | None, messages: Messages
) -> dict[str, str]:
    """Give the slots that have a value, written as the language writes them."""
    locale = messages.locale
    values = {"first_name": NAME_SLOT}
    if situation.order_id and _ORDER_ID.fullmatch(situation.order_id):
        values["order"] = situation.order_id
    if situation.days is not None and situation.days > 0:
        values["days"] = formats.day_count(situation.days, locale)
    amount = situation.amount
    if amount is not None and 0 < amount < inf and currency and _CURRENCY.fullmatch(currency):
        values["amount"] = formats.money(formats.cents(amount), currency, locale)
    topic = messages.topics.get((situation.topic or "").strip().casefold())
    if topic:
        values["topic"] = topic
    if offer is not None and offer.approved and offer.expires is not None:
        values["percent"] = formats.share(formats.exact_share(offer.percent_off), locale)
        values["expires"] = formats.day(offer.expires.date(), locale)
    return values


def _sentences(items: Items, values: Mapping[str, str]) -> Iterator[str]:
    """Fill the first fitting alternative of each item; an item without one is left out."""
    for item in items:
        yield from _fitting((item,) if isinstance(item, str) else item, values)


def _fitting(alternatives: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """Give the first text whose slots all have a value, filled; empty when there is none."""
    for text in alternatives:
        if slots(text) <= values.keys():
            return [text.format_map(values)]
    return []
