"""The customer base, which everything above reads."""

from procx_graph.base.customer_base import REMEMBERED, CustomerBase
from procx_graph.tables.moment import Moment

__all__ = ["REMEMBERED", "CustomerBase", "Moment"]
