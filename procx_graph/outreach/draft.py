"""Drafts: composed and checked; and the same checks for texts that others wrote."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Decision, Offer
from procx_graph.domain.message import Channel, Finding, Language, Message, Tone
from procx_graph.domain.policy import Policy
from procx_graph.domain.situation import Situation
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.outreach.compose import compose
from procx_graph.outreach.festivals import greeting_for
from procx_graph.outreach.languages import language_pack
from procx_graph.outreach.names import usable_name
from procx_graph.outreach.purpose import purpose_of


def draft(
    situation: Situation,
    decision: Decision,
    customer: Customer,
    *,
    policy: Policy,
    language: Language | None = None,
    tone: Tone | None = None,
    channel: Channel | None = None,
    on: date | None = None,
) -> Message | None:
    """Write and check the message of a decision.

    Args:
        situation: What it is about.
        decision: Tone, channel, purpose, offer and language.
        customer: Whose name and currency it uses.
        policy: Who signs.
        language: Instead of the decision's, e.g. English for a gloss.
        tone: Instead of the decision's.
        channel: Instead of the decision's.
        on: The day of the message where the customer lives, for festival greetings; `None` for
            none.

    Gives:
        `None` when there is no channel, or no templates in the language.
    """
    language = language or (Language(decision.language) if decision.language else None)
    channel = channel or decision.channel
    if language is None or channel is None:
        return None
    greeting = None
    if on is not None:
        greeting = greeting_for(customer, on, situation, policy.festivals, language)
    message = compose(
        situation,
        language=language,
        tone=tone or decision.tone,
        channel=channel,
        purpose=decision.purpose,
        offer=decision.offer,
        named=usable_name(customer.first_name) is not None,
        currency=customer.currency,
        sender=policy.sender,
        greeting=greeting,
    )
    facts = MessageFacts.of(
        situation,
        decision.offer,
        currency=customer.currency,
        sender=policy.sender,
        promises=policy.playbook(situation.kind, customer.segment).promises,
    )
    return message.model_copy(update={"findings": _findings(message, facts)})


def checked(
    message: Message,
    situation: Situation,
    offer: Offer | None,
    customer: Customer,
    *,
    policy: Policy,
    earlier: Iterable[str] = (),
    on: date | None = None,
) -> Message:
    """Give the message of a person or a model with what the checks find in it.

    Its purpose is worked out anew: a text that advertises something is marketing, whatever the
    draft was that it was made from.

    Args:
        message: As it was written.
        situation: What it is about.
        offer: What it may tell, when approved.
        customer: Whose name, id and currency it may have.
        policy: Who signs, where links may lead, and what may be promised.
        earlier: Latest messages to the same customer, which it must not repeat.
        on: The day of the message where the customer lives: our own festival greetings must fit
            it; `None` looks at no day.
    """
    purpose = purpose_of(message.body, message.subject, offer=offer, situation=situation)
    message = message.model_copy(update={"purpose": purpose})
    facts = MessageFacts.of(
        situation,
        offer,
        currency=customer.currency,
        first_name=customer.first_name,
        sender=policy.sender,
        customer_id=customer.customer_id,
        promises=policy.playbook(situation.kind, customer.segment).promises,
        domains=policy.domains,
        earlier=earlier,
        over=() if on is None else _over(situation, customer, on, policy, message.language),
    )
    return message.model_copy(update={"findings": check_message(message, facts)})


def _over(
    situation: Situation, customer: Customer, on: date, policy: Policy, language: Language
) -> tuple[str, ...]:
    """Give our own festival greetings that do not fit the day."""
    fitting = greeting_for(customer, on, situation, policy.festivals, language)
    texts = language_pack(language).messages.festivals.values()
    return tuple(text for text in texts if text != fitting)


@lru_cache(maxsize=1024)
def _findings(message: Message, facts: MessageFacts) -> tuple[Finding, ...]:
    """Check a composed text; those without a figure are the same for many customers."""
    return check_message(message, facts)
