"""Prompts: what they are, where their files are read, and how they are filled in."""

from procx_graph.prompts.prompt import (
    Prompt,
    Prompts,
    RenderedPrompt,
    load_prompt,
    parse_prompt,
)
from procx_graph.prompts.sandbox import PromptSandbox, as_data

__all__ = [
    "Prompt",
    "PromptSandbox",
    "Prompts",
    "RenderedPrompt",
    "as_data",
    "load_prompt",
    "parse_prompt",
]
