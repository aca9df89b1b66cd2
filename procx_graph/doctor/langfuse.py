"""Langfuse: are there both keys, are they taken, and did this process give anything up?"""

from collections.abc import Iterator

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.doctor.masking import without_password
from procx_graph.errors import ConfigError

SECONDS = 5.0
"""For its answer."""


def look_at_langfuse(asked: Asked) -> Iterator[Finding]:
    """Ask Langfuse whose keys these are; its package is not imported for it."""
    from procx_graph.tracing import tracer_from

    try:
        tracer = tracer_from(asked.settings)
    except ConfigError as error:
        yield Finding.broken(Subject.LANGFUSE, "keys", str(error))
        return
    status = tracer.status()
    if asked.settings.prompts == "langfuse" and status.host is None:
        told = "PROCX_PROMPTS=langfuse, and there are no keys: the files are used instead"
        todo = "set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"
        yield Finding.broken(Subject.LANGFUSE, "prompts", told, todo)
    if not status.enabled:
        told = status.problem or "no keys are set: runs are not traced"
        yield Finding.off(Subject.LANGFUSE, "", told)
        return
    host = without_password(status.host or "")
    if asked.offline:
        yield Finding.off(Subject.LANGFUSE, "keys", f"both set; {host} was not asked (--offline)")
    else:
        answer = tracer.check(SECONDS)
        if answer.ok:
            yield Finding.ok(Subject.LANGFUSE, "keys", f"{host} takes them: {answer.detail}")
        else:
            todo = "correct the keys or the address, or unset the keys to trace nothing"
            yield Finding.broken(Subject.LANGFUSE, "keys", f"{host} {answer.detail}", todo)
    told = f"{status.dropped_spans} spans, {status.dropped_scores} scores"
    if status.problem:
        told += f"; {status.problem}"
    lost = status.dropped_spans or status.dropped_scores or status.problem
    judge = Finding.warning if lost else Finding.ok
    yield judge(Subject.LANGFUSE, "dropped here", told)
