"""Small real stand-ins for tests of code that uses procx_graph.

`ScriptedModel` stands in for a model inside the process. `ModelServer` is a provider that real
clients talk to over HTTP; `Answer`, `ToolCall` and `faults` are what it answers, `Faulty` fails by
chance. `strict_schemas.objection` says of a schema what a provider would.
"""

from procx_graph.testing import faults, strict_schemas
from procx_graph.testing.faulty import Faulty
from procx_graph.testing.loopback import HttpAnswer
from procx_graph.testing.model_answers import Answer, Answers, Fault, Given, Rule, ToolCall
from procx_graph.testing.model_request import ModelRequest
from procx_graph.testing.model_server import ModelServer
from procx_graph.testing.scripted import ScriptedAnswer, ScriptedModel

__all__ = [
    "Answer",
    "Answers",
    "Fault",
    "Faulty",
    "Given",
    "HttpAnswer",
    "ModelRequest",
    "ModelServer",
    "Rule",
    "ScriptedAnswer",
    "ScriptedModel",
    "ToolCall",
    "faults",
    "strict_schemas",
]
