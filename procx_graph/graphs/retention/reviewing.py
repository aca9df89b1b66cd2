"""The rules of an answer: what it may say, and the message it leads to."""

from datetime import date

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Decision, Offer
from procx_graph.domain.message import Message
from procx_graph.domain.policy import Policy
from procx_graph.domain.review import Review, Verdict
from procx_graph.domain.situation import Situation
from procx_graph.errors import ReviewError
from procx_graph.graphs.retention.guidance import Guidance
from procx_graph.outreach.draft import checked, draft
from procx_graph.outreach.names import hide_name


def accepted(review: Review, customer: Customer) -> Review:
    """Give an answer as it may be kept: with the customer's name back at its placeholder.

    Raises:
        ReviewError: Its guidance is more than templates can follow.
    """
    if review.verdict is Verdict.RESPOND and not Guidance.parse(review.note or "").understood:
        raise ReviewError(
            "without a model, guidance can name a tone (warm, formal, apologetic), a channel "
            "(email, sms, whatsapp), a language, or 'no offer'; edit the text for anything else"
        )
    name = customer.first_name
    told = {
        field: hide_name(text, name, exact=field != "note") if text else None
        for field, text in (
            ("body", review.body),
            ("subject", review.subject),
            ("note", review.note),
        )
    }
    return review.model_copy(update=told)


def settled_offer(decision: Decision, review: Review) -> Offer | None:
    """Give the offer that an answer leaves standing.

    Approving or editing a draft approves the offer in it. Guidance approves nothing: an offer
    that waited for approval is dropped from the new draft.
    """
    offer = decision.offer
    if offer is None or offer.approved:
        dropped = review.verdict is Verdict.RESPOND and Guidance.parse(review.note or "").no_offer
        return None if dropped else offer
    if review.verdict in {Verdict.APPROVE, Verdict.EDIT}:
        return offer.model_copy(update={"approved": True})
    return None


def reviewed_message(
    situation: Situation,
    decision: Decision,
    customer: Customer,
    stored: Message | None,
    review: Review,
    *,
    policy: Policy,
    on: date | None = None,
) -> Message | None:
    """Give the message that an answer leads to, checked; `None` when there is none to use.

    An approved draft and an edited text are used as they are; when `on`, the customer's day, is
    given, a festival greeting in them must still fit. Guidance makes a new draft, without one.
    """
    offer = settled_offer(decision, review)
    if review.verdict is Verdict.RESPOND:
        guidance = Guidance.parse(review.note or "")
        channel = guidance.channel
        if channel not in policy.channels or not customer.reached_by(channel):
            channel = None
        return draft(
            situation,
            decision.model_copy(update={"offer": offer}),
            customer,
            policy=policy,
            tone=guidance.tone,
            channel=channel,
            language=guidance.language,
        )
    if stored is None:
        return None
    if review.verdict is Verdict.EDIT:
        stored = stored.model_copy(
            update={"body": review.body, "subject": review.subject or stored.subject}
        )
    return checked(stored, situation, offer, customer, policy=policy, on=on)
