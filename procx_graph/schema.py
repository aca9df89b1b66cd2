"""The customer tables: every column declared once, for validation, store and documentation."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType


class Kind(StrEnum):
    """What the values of a column are."""

    ID = "id"
    """Text that identifies; numbers are written without decimals."""
    TEXT = "text"
    """Free text, kept verbatim."""
    CATEGORY = "category"
    """A short word; open unless `allowed` closes it."""
    MONEY = "money"
    """An amount in the base's currency."""
    NUMBER = "number"
    COUNT = "count"
    """A whole number."""
    TIMESTAMP = "timestamp"
    """A moment, naive UTC once cleaned."""
    FLAG = "flag"
    """Yes, no or unknown."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what its cells may hold.

    Attributes:
        unit: Unit of the number, such as `days`; None where the kind says enough.
        required: A row without this value is set aside.
        allowed: The only values there are; empty means open.
        minimum: Least value allowed, inclusive.
        maximum: Greatest value allowed, inclusive.
        pattern: Regular expression that the whole text must match.
        known_at: Timestamp column that says when this value became known; the value is null for
            a moment before that.
        snapshot: The value holds only at the moment the data was taken, so a base seen from an
            earlier moment must not use it.
    """

    name: str
    kind: Kind
    doc: str
    unit: str | None = None
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    known_at: str | None = None
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table and how its rows hang together with the rest.

    Attributes:
        key: Column whose values are unique; None where rows have no identity.
        customer: Column that names the customer; None where a row belongs to none directly.
        parent: Table whose key this table repeats, when only that one names the customer.
        seen_at: Timestamp column that says when a row became known; None for reference tables.
        behaviour: Its rows are things customers did, so they date the base.
        ignored: Known, but nothing in the library reads it; it is not loaded.
    """

    name: str
    doc: str
    columns: tuple[Column, ...] = ()
    key: str | None = None
    customer: str | None = None
    parent: str | None = None
    seen_at: str | None = None
    behaviour: bool = False
    ignored: bool = False

    def column(self, name: str) -> Column:
        """Find a column by name; `KeyError` when the table has none such."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table cannot be read."""
        return tuple(column.name for column in self.columns if column.required)


def _text(name: str, doc: str) -> Column:
    return Column(name, Kind.TEXT, doc)


def _word(
    name: str,
    doc: str,
    *,
    required: bool = False,
    known_at: str | None = None,
    snapshot: bool = False,
) -> Column:
    return Column(name, Kind.CATEGORY, doc, required=required, known_at=known_at, snapshot=snapshot)


def _id(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, Kind.ID, doc, required=required)


def _time(
    name: str,
    doc: str,
    *,
    required: bool = False,
    known_at: str | None = None,
    snapshot: bool = False,
) -> Column:
    return Column(
        name, Kind.TIMESTAMP, doc, required=required, known_at=known_at, snapshot=snapshot
    )


def _money(name: str, doc: str, *, required: bool = False, snapshot: bool = False) -> Column:
    return Column(name, Kind.MONEY, doc, required=required, minimum=0, snapshot=snapshot)


def _count(name: str, doc: str, *, unit: str | None = None) -> Column:
    return Column(name, Kind.COUNT, doc, unit=unit, minimum=0)


def _score(name: str, doc: str, least: float, most: float, *, required: bool = False) -> Column:
    return Column(name, Kind.COUNT, doc, required=required, minimum=least, maximum=most)


def _within(name: str, doc: str, least: float, most: float) -> Column:
    return Column(name, Kind.NUMBER, doc, minimum=least, maximum=most)


def _hours(name: str, doc: str) -> Column:
    return Column(name, Kind.NUMBER, doc, unit="hours", minimum=0)


def _days(name: str, doc: str, *, known_at: str) -> Column:
    return Column(name, Kind.NUMBER, doc, unit="days", known_at=known_at)


def _flag(name: str, doc: str, *, required: bool = False, known_at: str | None = None) -> Column:
    return Column(name, Kind.FLAG, doc, required=required, known_at=known_at)


def _time_zones() -> tuple[str, ...]:
    return tuple((files("tzdata") / "zones").read_text(encoding="utf-8").split())


_CUSTOMER = _id("customer_id", "The customer.", required=True)
_ORDER = _id("order_id", "The order.")
_PRODUCT = _id("product_id", "The product.")
_TICKET = _id("ticket_id", "The ticket.", required=True)
_METHOD = _word("payment_method", "How it was paid: card, upi, wallet, netbanking, cod.")

_ALL = (
    Table(
        "customers",
        "One row a customer.",
        (
            _CUSTOMER,
            _text("first_name", "Given name."),
            _text("last_name", "Family name."),
            _text("email", "E-mail address."),
            _id("phone", "Phone number in E.164, with or without the plus."),
            _time("signup_date", "When the relationship began."),
            _text("country", "Country, by name or code."),
            _text("region", "State or region."),
            _text("city", "City."),
            Column("time_zone", Kind.CATEGORY, "IANA time zone.", allowed=_time_zones()),
            Column("currency", Kind.CATEGORY, "ISO 4217 code.", pattern="[A-Z]{3}"),
            _word("segment", "Value segment: VIP, Loyal, Regular, Occasional.", snapshot=True),
            _money("lifetime_value", "Money spent in the whole relationship.", snapshot=True),
            _money("avg_order_value", "Mean amount of an order.", snapshot=True),
            _word("preferred_category", "Product category bought most."),
            _time("last_active_date", "Last time the customer was seen.", snapshot=True),
            _word("loyalty_tier", "Loyalty tier: Bronze, Silver, Gold, Platinum.", snapshot=True),
            _flag("opt_in_marketing", "Consent to marketing; unknown counts as no."),
            _word("language", "ISO 639-1 code of the language to write in."),
        ),
        key="customer_id",
        customer="customer_id",
        seen_at="signup_date",
    ),
    Table(
        "orders",
        "One row an order.",
        (
            _ORDER,
            _CUSTOMER,
            _time("order_date", "When it was placed.", required=True),
            _count("items_count", "Items in it."),
            _text("product_ids", "Products in it, separated by commas."),
            _money("total_amount", "Amount billed.", required=True),
            _METHOD,
            _word("payment_status", "Outcome of the payment: success, failed, pending."),
            _word("order_status", "placed, processing, shipped, delivered, cancelled, returned."),
            _time("estimated_delivery_date", "Delivery promised at purchase."),
            _time(
                "actual_delivery_date", "When it was delivered.", known_at="actual_delivery_date"
            ),
            _days(
                "delivery_delay_days",
                "Delivery after the promise; negative is early.",
                known_at="actual_delivery_date",
            ),
            _word("promo_code", "Promotion used."),
        ),
        key="order_id",
        customer="customer_id",
        seen_at="order_date",
        behaviour=True,
    ),
    Table(
        "payments",
        "One row an attempt to pay.",
        (
            _id("payment_id", "The payment."),
            _ORDER,
            _CUSTOMER,
            _time("payment_date", "When it was tried.", required=True),
            _money("amount", "Amount of the payment."),
            _METHOD,
            _word("status", "Outcome: success, failed, pending.", required=True),
            _word("failure_reason", "Why it failed."),
        ),
        key="payment_id",
        customer="customer_id",
        seen_at="payment_date",
        behaviour=True,
    ),
    Table(
        "support_tickets",
        "One row a request for help.",
        (
            _id("ticket_id", "The ticket."),
            _CUSTOMER,
            _ORDER,
            _time("created_at", "When it was opened.", required=True),
            _word("channel", "Where it came in: email, chat, phone, social."),
            _word("category", "What it is about: payment, delivery, refund, product, account."),
            _word("priority", "low, medium, high, urgent."),
            _id("assigned_agent_id", "Who works on it."),
            _word("status", "open, in_progress, escalated, resolved, closed."),
            _hours("resolution_time_hours", "From opening to resolution."),
            _flag("escalation", "It was escalated."),
            _word("escalated_to", "Team that it was escalated to."),
            _within("sentiment_score", "Mood of the text: -1 angry, 1 happy.", -1, 1),
            _text("initial_message", "What the customer wrote."),
            _text("final_message_summary", "How it ended."),
            _score("csat_score", "Satisfaction with the answer.", 1, 5),
        ),
        key="ticket_id",
        customer="customer_id",
        seen_at="created_at",
        behaviour=True,
    ),
    Table(
        "nps_survey",
        "One row an answer to “would you recommend us?”.",
        (
            _id("survey_id", "The answer."),
            _CUSTOMER,
            _time("date", "When it was given.", required=True),
            _score("nps_score", "0 never, 10 certainly.", 0, 10, required=True),
            _text("feedback_text", "What the customer added."),
        ),
        key="survey_id",
        customer="customer_id",
        seen_at="date",
        behaviour=True,
    ),
    Table(
        "customer_events",
        "One row a visit, search or click.",
        (
            _id("event_id", "The event."),
            _CUSTOMER,
            _word(
                "event_type",
                "view, search, add_to_cart, wishlist_add, click_promo, purchase.",
                required=True,
            ),
            _time("event_time", "When it happened.", required=True),
            _PRODUCT,
            _id("session_id", "The visit it belongs to."),
            _word("device", "web, mobile_web, android_app, ios_app."),
        ),
        key="event_id",
        customer="customer_id",
        seen_at="event_time",
        behaviour=True,
    ),
    Table(
        "churn_labels",
        "One row a customer: who has left.",
        (
            _CUSTOMER,
            _flag("is_churn", "The customer has left.", required=True),
            _time("churn_date", "When the customer left."),
            _word("churn_reason", "Why."),
            _within("predicted_churn_score", "Somebody's prediction, as a probability.", 0, 1),
        ),
        key="customer_id",
        customer="customer_id",
        seen_at="churn_date",
    ),
    Table(
        "products",
        "One row a product.",
        (
            _id("product_id", "The product.", required=True),
            _id("sku", "Stock keeping unit."),
            _text("name", "Name."),
            _word("category", "Category."),
            _word("subcategory", "Subcategory."),
            _money("price", "Price."),
            _count("warranty_months", "Warranty.", unit="months"),
            _count("stock_qty", "Pieces in stock."),
        ),
        key="product_id",
    ),
    Table(
        "shipments",
        "One row a parcel.",
        (
            _id("shipment_id", "The parcel."),
            _id("order_id", "The order.", required=True),
            _word("carrier", "Who carries it."),
            _time("shipped_date", "When it left; empty if it has not."),
            _time("expected_delivery_date", "When it should arrive."),
            _time("delivered_date", "When it arrived.", known_at="delivered_date"),
            _word("delivery_status", "shipped, delivered.", known_at="delivered_date"),
            _count("tracking_events", "Scans on the way."),
        ),
        key="shipment_id",
        parent="orders",
        seen_at="shipped_date",
    ),
    Table(
        "refunds",
        "One row a request for money back.",
        (
            _id("refund_id", "The refund."),
            _ORDER,
            _CUSTOMER,
            _time("refund_request_date", "When it was asked for.", required=True),
            _money("refund_amount", "Amount asked for."),
            _word(
                "refund_status",
                "initiated, pending, processed, rejected.",
                known_at="refund_processed_date",
            ),
            _time("refund_processed_date", "When it was paid.", known_at="refund_processed_date"),
            _days(
                "refund_delay_days", "From request to payment.", known_at="refund_processed_date"
            ),
        ),
        key="refund_id",
        customer="customer_id",
        seen_at="refund_request_date",
    ),
    Table(
        "chat_transcripts",
        "One row a message of a chat.",
        (
            _id("message_id", "The message."),
            _TICKET,
            _time("timestamp", "When it was written.", required=True),
            _word("sender", "customer, agent, bot."),
            _text("message_text", "The text."),
            _word("intent", "What the writer wanted."),
            _text("entities", "Things named in it."),
            _within("sentiment", "Mood of the text.", -1, 1),
        ),
        key="message_id",
        parent="support_tickets",
        seen_at="timestamp",
    ),
    Table(
        "agent_actions",
        "One row a step taken on a ticket.",
        (
            _id("action_id", "The step."),
            _TICKET,
            _id("agent_id", "Who took it."),
            _word("action_type", "triage, resolved, escalated, refund_initiated, credit_issued…"),
            _time("action_timestamp", "When.", required=True),
            _word("auto_or_manual", "auto, manual."),
            _count("api_calls_made", "Calls to other systems."),
            _word("workflow_status", "started, in_progress, completed, failed."),
        ),
        key="action_id",
        parent="support_tickets",
        seen_at="action_timestamp",
    ),
    Table(
        "agent_profiles",
        "One row a person in support.",
        (
            _id("agent_id", "The person.", required=True),
            _text("name", "Name."),
            _word("role", "Agent, Senior Agent, Team Lead, Manager."),
            _word("team", "Team of the escalation matrix."),
            _text("languages", "ISO 639-1 codes spoken, separated by commas."),
            _hours("avg_resolution_time_hours", "Mean time to resolve."),
            _count("manual_actions_count", "Steps taken by hand."),
            _count("auto_actions_count", "Steps taken by the system."),
        ),
        key="agent_id",
    ),
    Table(
        "escalation_matrix",
        "One row a team that takes escalations.",
        (
            _word("team", "Name of the team.", required=True),
            _count("level", "Level; higher is more senior."),
            _hours("sla_hours", "Time to answer."),
            _text("contact_email", "Where to reach the team."),
        ),
    ),
    Table(
        "recommendations",
        "One row an offer or suggestion made.",
        (
            _id("rec_id", "The recommendation."),
            _CUSTOMER,
            _PRODUCT,
            _time("rec_date", "When it was made.", required=True),
            _text("reason", "Why."),
            _word("rec_type", "promo, reminder, cross_sell, loyalty_offer, warranty_offer."),
            _flag("accepted", "The customer took it.", known_at="conversion_date"),
            _time("conversion_date", "When the customer took it.", known_at="conversion_date"),
        ),
        key="rec_id",
        customer="customer_id",
        seen_at="rec_date",
    ),
    Table("cx_dashboard_metrics", "Daily figures of somebody's dashboard.", ignored=True),
    Table("anomalies_insights", "Somebody's findings in those figures.", ignored=True),
    Table("data_dictionary", "Somebody's description of the workbook.", ignored=True),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _ALL})
"""Every table we know, by name; `customers` is the only one that must be there."""
