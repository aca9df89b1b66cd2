"""A good model: it chooses what the playbook says, and repeats the draft's own words."""

import re
from collections.abc import Mapping

from procx_graph.testing import ModelRequest


def agreeing(asked: ModelRequest) -> Mapping[str, object]:
    """Answer a prompt of the retention graph, whichever it is, as the rules would."""
    return answer_to(asked.user)


def answer_to(record: str) -> Mapping[str, object]:
    """Answer a prompt by what its record asks for."""
    if "Allowed actions: " in record:
        return choice(record)
    lines = record.split("<record>\n")[1].split("\n</record>")[0].split("\n")
    if lines[0].startswith("situation: "):
        subject = next((line[9:] for line in lines if line.startswith("subject: ")), None)
        body = [line for line in lines if not line.startswith(("situation: ", "subject: "))]
        return {"subject": subject, "body": "\n".join(body)}
    if lines[0].startswith("rules' name: "):
        return {"name": lines[0].removeprefix("rules' name: ")}
    return {"sentiment": "neutral", "urgency": 1, "summary": "They wait for an answer."}


def choice(record: str, **changed: object) -> dict[str, object]:
    """Choose what the playbook says, without an offer, but for what is changed."""
    allowed = re.search(r"Allowed actions: (\w+)", record)
    assert allowed is not None
    plain = {
        "sentiment": "neutral", "urgency": 1, "concern": "none", "action": allowed[1],
        "offer_id": None, "priority": "low", "why": "as the playbook says",
    }  # fmt: skip
    return plain | changed
