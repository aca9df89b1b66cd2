"""Live tables: the customers as they are now, and which of their tables are held."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT, NUMBER, COUNT, FLAG = sa.String, sa.Double, sa.BigInteger, sa.Boolean
MOMENT = sa.DateTime(timezone=True)

TABLES: dict[str, dict[str, Any]] = {
    "customers": {
        "customer_id": TEXT,
        "first_name": TEXT,
        "last_name": TEXT,
        "email": TEXT,
        "phone": TEXT,
        "signup_date": MOMENT,
        "country": TEXT,
        "region": TEXT,
        "city": TEXT,
        "time_zone": TEXT,
        "currency": TEXT,
        "segment": TEXT,
        "lifetime_value": NUMBER,
        "avg_order_value": NUMBER,
        "preferred_category": TEXT,
        "last_active_date": MOMENT,
        "loyalty_tier": TEXT,
        "opt_in_marketing": FLAG,
        "language": TEXT,
        "procx_email": TEXT,
        "procx_phone": TEXT,
    },
    "orders": {
        "order_id": TEXT,
        "customer_id": TEXT,
        "order_date": MOMENT,
        "items_count": COUNT,
        "product_ids": TEXT,
        "total_amount": NUMBER,
        "payment_method": TEXT,
        "payment_status": TEXT,
        "order_status": TEXT,
        "estimated_delivery_date": MOMENT,
        "actual_delivery_date": MOMENT,
        "delivery_delay_days": NUMBER,
        "promo_code": TEXT,
    },
    "payments": {
        "payment_id": TEXT,
        "order_id": TEXT,
        "customer_id": TEXT,
        "payment_date": MOMENT,
        "amount": NUMBER,
        "payment_method": TEXT,
        "status": TEXT,
        "failure_reason": TEXT,
    },
    "support_tickets": {
        "ticket_id": TEXT,
        "customer_id": TEXT,
        "order_id": TEXT,
        "created_at": MOMENT,
        "channel": TEXT,
        "category": TEXT,
        "priority": TEXT,
        "assigned_agent_id": TEXT,
        "status": TEXT,
        "resolution_time_hours": NUMBER,
        "escalation": FLAG,
        "escalated_to": TEXT,
        "sentiment_score": NUMBER,
        "initial_message": TEXT,
        "final_message_summary": TEXT,
        "csat_score": COUNT,
    },
    "nps_survey": {
        "survey_id": TEXT,
        "customer_id": TEXT,
        "date": MOMENT,
        "nps_score": COUNT,
        "feedback_text": TEXT,
    },
    "customer_events": {
        "event_id": TEXT,
        "customer_id": TEXT,
        "event_type": TEXT,
        "event_time": MOMENT,
        "product_id": TEXT,
        "session_id": TEXT,
        "device": TEXT,
        "description": TEXT,
        "order_id": TEXT,
        "resolved_at": MOMENT,
    },
    "churn_labels": {
        "customer_id": TEXT,
        "is_churn": FLAG,
        "churn_date": MOMENT,
        "churn_reason": TEXT,
        "predicted_churn_score": NUMBER,
    },
    "products": {
        "product_id": TEXT,
        "sku": TEXT,
        "name": TEXT,
        "category": TEXT,
        "subcategory": TEXT,
        "price": NUMBER,
        "warranty_months": COUNT,
        "stock_qty": COUNT,
    },
    "shipments": {
        "shipment_id": TEXT,
        "order_id": TEXT,
        "carrier": TEXT,
        "shipped_date": MOMENT,
        "expected_delivery_date": MOMENT,
        "delivered_date": MOMENT,
        "delivery_status": TEXT,
        "tracking_events": COUNT,
    },
    "refunds": {
        "refund_id": TEXT,
        "order_id": TEXT,
        "customer_id": TEXT,
        "refund_request_date": MOMENT,
        "refund_amount": NUMBER,
        "refund_status": TEXT,
        "refund_processed_date": MOMENT,
        "refund_delay_days": NUMBER,
    },
    "chat_transcripts": {
        "message_id": TEXT,
        "ticket_id": TEXT,
        "timestamp": MOMENT,
        "sender": TEXT,
        "message_text": TEXT,
        "intent": TEXT,
        "entities": TEXT,
        "sentiment": NUMBER,
    },
    "agent_actions": {
        "action_id": TEXT,
        "ticket_id": TEXT,
        "agent_id": TEXT,
        "action_type": TEXT,
        "action_timestamp": MOMENT,
        "auto_or_manual": TEXT,
        "api_calls_made": COUNT,
        "workflow_status": TEXT,
    },
    "agent_profiles": {
        "agent_id": TEXT,
        "name": TEXT,
        "role": TEXT,
        "team": TEXT,
        "languages": TEXT,
        "avg_resolution_time_hours": NUMBER,
        "manual_actions_count": COUNT,
        "auto_actions_count": COUNT,
    },
    "escalation_matrix": {
        "team": TEXT,
        "level": COUNT,
        "sla_hours": NUMBER,
        "contact_email": TEXT,
    },
    "recommendations": {
        "rec_id": TEXT,
        "customer_id": TEXT,
        "product_id": TEXT,
        "rec_date": MOMENT,
        "reason": TEXT,
        "rec_type": TEXT,
        "accepted": FLAG,
        "conversion_date": MOMENT,
    },
}
INDEXED = ("customer_id", "order_id", "procx_email", "procx_phone")
PARENTS = {"chat_transcripts": "ticket_id", "agent_actions": "ticket_id"}


def upgrade() -> None:
    """Make the tables, each with the identity of its rows, and the list of those that are held."""
    for name, columns in TABLES.items():
        op.create_table(
            name,
            sa.Column("procx_row", sa.String, primary_key=True),
            sa.Column("procx_as_of", MOMENT),
            *(sa.Column(column, kind) for column, kind in columns.items()),
        )
        for column in columns:
            if column in (*INDEXED, PARENTS.get(name)):
                op.create_index(f"{name}_by_{column}", name, [column])
    op.create_table(
        "live_tables",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
    )
