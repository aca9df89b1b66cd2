"""From the name of a model, or a LangChain chat model, to a `Model`."""

from functools import partial
from typing import TYPE_CHECKING, cast

from pydantic import SecretStr

from procx_graph.errors import ConfigError
from procx_graph.llm.chat import CONCURRENCY, PATIENCE, ChatModel
from procx_graph.llm.model import Model
from procx_graph.llm.openai_chat import OpenAIChats
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def connect(
    model: "str | BaseChatModel | Model",
    *,
    key: SecretStr | None = None,
    base_url: str | None = None,
    rate: float | None = None,
    concurrency: int = CONCURRENCY,
    patience: float = PATIENCE,
) -> Model:
    """Give the `Model` behind a name or a LangChain chat model; no connection is made yet.

    Args:
        model: `openai:gpt-…`, or a name without a provider, which is taken for OpenAI's;
            `provider:name` of another provider, whose LangChain package must be there, and which
            reads its key where that package does; a LangChain chat model; or a `Model`, which is
            given back as it is.
        key: OpenAI's, or the compatible server's.
        base_url: Of a server that speaks like OpenAI's: vLLM, Ollama, a gateway. When neither is
            given, both are what OPENAI_API_KEY and OPENAI_BASE_URL say, as its own client has it.
        rate: Questions a second at most.
        concurrency: Calls under way at once in one event loop.
        patience: Seconds for one answer from when it is asked for, its repair included.

    Raises:
        ConfigError: The name is none, a key or a package is missing, or it is not a model.
    """
    made = partial(ChatModel, rate=rate, concurrency=concurrency, patience=patience)
    if not isinstance(model, str):
        return _given(model, made)
    provider, colon, name = (part.strip() for part in model.partition(":"))
    if not colon:
        provider, name = "openai", provider
    if not name or not provider:
        raise ConfigError(f"{model!r} names no model: write e.g. openai:gpt-5-mini")
    if provider.casefold() == "openai":
        if key is None and base_url is None:
            settings = Settings()
            key, base_url = settings.openai_api_key, settings.openai_base_url
        return made(OpenAIChats(name, key=key, base_url=base_url), name=name)
    return made(_of_provider(provider, name), name=name)


def _given(model: "BaseChatModel | Model", made: "partial[ChatModel]") -> Model:
    from langchain_core.language_models import BaseChatModel

    if isinstance(model, BaseChatModel):
        name = getattr(model, "model_name", None) or getattr(model, "model", None)
        return made(model, name=str(name or model._llm_type))
    if not callable(model):
        raise ConfigError(f"a model is a name or a chat model, not {type(model).__name__}")
    return model


def _of_provider(provider: str, name: str) -> "BaseChatModel":
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise ConfigError(
            f"model {provider}:{name} needs the packages langchain and langchain-{provider}; "
            "only openai: is built in, and serves Ollama or vLLM too, by OPENAI_BASE_URL"
        ) from error
    try:
        chat = init_chat_model(name, model_provider=provider, timeout=20, max_retries=1)
    except Exception as error:  # what a foreign package raises over a name or a missing key
        raise ConfigError(f"model {provider}:{name} cannot be used: {error}") from error
    return cast("BaseChatModel", chat)
