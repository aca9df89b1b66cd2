"""Which agents ask which models."""

from typing import Any

import pytest

from procx_graph.errors import ConfigError
from procx_graph.graphs.retention.models import FULL, LEAN, models_by_agent, models_of, named_models
from procx_graph.settings import Settings
from procx_graph.testing import ScriptedModel

MODEL = ScriptedModel(lambda _: {})


def settings(**given: Any) -> Settings:
    return Settings.model_validate({"openai_base_url": None, **given})


def test_one_model_for_all_is_asked_by_decision_and_empathy() -> None:
    assert models_by_agent(MODEL) == dict.fromkeys(LEAN, MODEL)


def test_models_by_agent_stay_with_their_agents() -> None:
    assert models_by_agent({"context": MODEL}) == {"context": MODEL}


def test_without_models_nobody_is_asked() -> None:
    assert models_by_agent(None) == {}
    assert models_of(settings()) == {}


@pytest.mark.parametrize(
    ("given", "agents"),
    [
        ({"model": "m"}, LEAN),
        ({"model": "m", "model_agents": "full"}, FULL),
        ({"model": "m", "model_agents": " FULL"}, FULL),
        ({"model": "m", "model_agents": "Context, pattern"}, ("context", "pattern")),
        ({"model": "m", "model_empathy": "none"}, ("decision",)),
        ({"model_context": "m"}, ("context",)),
        ({}, ()),
    ],
)
def test_settings_say_who_is_helped(given: dict[str, str], agents: tuple[str, ...]) -> None:
    assert named_models(settings(**given)) == dict.fromkeys(agents, "m")


def test_agents_of_one_name_share_one_model() -> None:
    models = models_of(
        settings(model="m", model_agents="full", model_empathy="other", OPENAI_API_KEY="sk-x")
    )

    assert models["context"] is models["pattern"] is models["decision"]
    assert models["empathy"] is not models["decision"]


def test_a_model_without_a_key_is_named() -> None:
    with pytest.raises(ConfigError, match=r"openai:m needs OPENAI_API_KEY"):
        models_of(settings(model="openai:m"))


@pytest.mark.parametrize("which", ["everybody", "context,karuna", ","])
def test_agents_that_do_not_exist_are_refused(which: str) -> None:
    with pytest.raises(ConfigError, match="PROCX_MODEL_AGENTS"):
        named_models(settings(model="m", model_agents=which))
