"""Language models: what an agent asks of one, and the clients that answer."""

from procx_graph.llm.asking import ask, closed
from procx_graph.llm.chat import ChatModel
from procx_graph.llm.connect import connect
from procx_graph.llm.deadline import within
from procx_graph.llm.model import Model, Reply, ResultT

__all__ = ["ChatModel", "Model", "Reply", "ResultT", "ask", "closed", "connect", "within"]
