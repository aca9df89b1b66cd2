"""Small real stand-ins for tests of code that uses procx_graph.

`ScriptedModel` stands in for a model inside the process; `ModelServer` is a provider that real
clients talk to over HTTP.
"""

from procx_graph.testing import faults
from procx_graph.testing.faulty import Faulty
from procx_graph.testing.model_answers import Answer, Fault, Given, Rule, ToolCall
from procx_graph.testing.model_request import ModelRequest
from procx_graph.testing.model_server import ModelServer
from procx_graph.testing.scripted import ScriptedAnswer, ScriptedModel

__all__ = [
    "Answer",
    "Fault",
    "Faulty",
    "Given",
    "ModelRequest",
    "ModelServer",
    "Rule",
    "ScriptedAnswer",
    "ScriptedModel",
    "ToolCall",
    "faults",
]
