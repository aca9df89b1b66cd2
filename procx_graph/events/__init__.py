"""What the outside world tells: deliveries become events, events change the tables."""

from procx_graph.events.loading import load_base
from procx_graph.events.receipt import Outcome, Receipt
from procx_graph.events.receiver import Enricher, Receiver
from procx_graph.events.record import record_event

__all__ = ["Enricher", "Outcome", "Receipt", "Receiver", "load_base", "record_event"]
