"""Payment methods of Stripe: cards that run out, are refused or taken away, and new ones."""

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.events.providers.reading import nested, reference, things
from procx_graph.events.providers.stripe.event import StripeEvent, Told, id_of, method, why


def read_method(event: StripeEvent, kind: EventType) -> Told:
    """Read a payment method; one that was taken away names its customer in what was before."""
    return event.occurrence(
        kind,
        things(payment_method=event["id"]),
        of_order=False,
        references=reference(ReferenceKind.ACCOUNT, id_of(event.before.get("customer"))),
        payment_method=method(event.object),
    )


def read_setup(event: StripeEvent, kind: EventType) -> Told:
    """Read the attempt to set a payment method up for later."""
    problem = nested(event.object, "last_setup_error")
    refused = problem.get("payment_method")
    return event.occurrence(
        kind,
        things(
            setup_intent=event["id"],
            payment_method=[id_of(event["payment_method"]), id_of(refused)],
        ),
        of_order=False,
        payment_method=method(refused, event["payment_method"]),
        reason=why(problem),
    )
