"""Prompt files: do they load, name their inputs, and keep instructions and data apart?"""

from collections.abc import Iterator
from pathlib import Path

from procx_graph.assets import asset_path
from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.errors import ConfigError, PromptError

BEGIN, END = "<record>", "</record>"
"""Between them stands what is data and never an instruction."""
SETTING = "PROCX_PROMPTS"
REINSTALL = "install procx_graph again, or correct the file"


def look_at_prompts(asked: Asked) -> Iterator[Finding]:
    """Look at every prompt file, and for those that the agents ask with."""
    from procx_graph.graphs.retention.models import FULL

    try:
        folder = asset_path("prompts")
    except ConfigError as error:
        yield Finding.broken(Subject.PROMPTS, "", str(error), REINSTALL)
        return
    yield from prompts_in(folder, needed=[f"retention/{agent}" for agent in FULL])
    if asked.settings.prompts == "langfuse":
        yield from _of_langfuse(asked)


def _of_langfuse(asked: Asked) -> Iterator[Finding]:
    """Say which prompts Langfuse gives, and for which the files just looked at stand in."""
    from procx_graph.tracing.connect import has_keys
    from procx_graph.tracing.prompt_store import LABEL, prompt_names, prompts_from

    if asked.offline or not has_keys(asked.settings):
        why = "--offline" if asked.offline else "there are no keys"
        yield Finding.off(Subject.PROMPTS, SETTING, f"Langfuse was not asked for any ({why})")
        return
    prompts, label = prompts_from(asked.settings), asked.settings.prompts_label or LABEL
    names = prompt_names()
    given = [name for name in names if prompts(name).source == "langfuse"]
    of_files = [name for name in names if name not in given]
    told = f"from Langfuse ({label}): {', '.join(given) or 'none'}"
    told += f"; from files: {', '.join(of_files) or 'none'}"
    if given:
        yield Finding.ok(Subject.PROMPTS, SETTING, told)
    else:
        todo = "put prompts there with this label, or see what is told of langfuse"
        yield Finding.warning(Subject.PROMPTS, SETTING, told, todo)


def prompts_in(folder: Path, *, needed: list[str]) -> Iterator[Finding]:
    """Judge the prompt files of a folder."""
    files = {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.rglob("*.md"))
    }
    for name in needed:
        if name not in files:
            yield Finding.broken(Subject.PROMPTS, name, "is missing", REINSTALL)
    for name, path in files.items():
        yield _prompt(name, path)


def flaws(raw: str, name: str) -> list[str]:
    """Give everything that is wrong with a prompt file's text."""
    from jinja2 import TemplateError, meta

    from procx_graph.prompts import PromptSandbox, parse_prompt

    try:
        prompt = parse_prompt(raw, name)
    except PromptError as error:
        return [str(error)]
    instructions, cut, record = prompt.body.partition("\n---\n")
    if not cut:
        return ["has no line of --- between its instructions and its record"]
    environment = PromptSandbox()
    try:
        environment.from_string(instructions)
        environment.from_string(record)
        used = meta.find_undeclared_variables(environment.parse(record))
        common = meta.find_undeclared_variables(environment.parse(instructions))
    except TemplateError as error:
        return [f"its body is no template: {error}"]
    found = []
    if common:
        found.append(f"its instructions take {_listed(common)}, and must be the same for everybody")
    if unnamed := used - set(prompt.inputs):
        found.append(f"its record uses {_listed(unnamed)}, which its head does not name")
    if idle := set(prompt.inputs) - used:
        found.append(f"its head names {_listed(idle)}, which its record does not use")
    if not 0 <= record.find(BEGIN) < record.find(END):
        found.append(f"its record does not mark its data with {BEGIN} and {END}")
    return found


def _prompt(name: str, path: Path) -> Finding:
    try:
        raw = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        told = f"cannot be read: {type(error).__name__}"
        return Finding.broken(Subject.PROMPTS, name, told, REINSTALL)
    found = flaws(raw, name)
    if found:
        return Finding.broken(Subject.PROMPTS, name, "; ".join(found), REINSTALL)
    return Finding.ok(Subject.PROMPTS, name, "complete")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
