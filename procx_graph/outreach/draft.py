"""Drafts: composed and checked; and the same checks for texts that others wrote."""

from functools import lru_cache

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Decision, Offer
from procx_graph.domain.message import Channel, Finding, Language, Message, Tone
from procx_graph.domain.policy import Policy
from procx_graph.domain.situation import Situation
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.outreach.compose import compose
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

    Gives:
        `None` when there is no channel, or no templates in the language.
    """
    language = language or (Language(decision.language) if decision.language else None)
    channel = channel or decision.channel
    if language is None or channel is None:
        return None
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
    )
    facts = MessageFacts.of(
        situation, decision.offer, currency=customer.currency, sender=policy.sender
    )
    return message.model_copy(update={"findings": _findings(message, facts)})


def checked(
    message: Message,
    situation: Situation,
    offer: Offer | None,
    customer: Customer,
    *,
    policy: Policy,
) -> Message:
    """Give the message of a person or a model with what the checks find in it.

    Its purpose is worked out anew: a text that advertises something is marketing, whatever the
    draft was that it was made from.
    """
    purpose = purpose_of(message.body, message.subject, offer=offer, situation=situation)
    message = message.model_copy(update={"purpose": purpose})
    facts = MessageFacts.of(
        situation,
        offer,
        currency=customer.currency,
        first_name=customer.first_name,
        sender=policy.sender,
    )
    return message.model_copy(update={"findings": check_message(message, facts)})


@lru_cache(maxsize=1024)
def _findings(message: Message, facts: MessageFacts) -> tuple[Finding, ...]:
    """Check a composed text; those without a figure are the same for many customers."""
    return check_message(message, facts)
