"""Secrets of webhooks: could any delivery be accepted with them?"""

from collections.abc import Iterator
from datetime import UTC, datetime

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.errors import WebhookError
from procx_graph.settings import variable_of

_AT = datetime(2025, 1, 1, tzinfo=UTC)
_FORGED = {
    "webhook-id": "doctor",
    "webhook-timestamp": str(int(_AT.timestamp())),
    "webhook-signature": "v1a,AAAA",
}
"""A delivery that nobody signed: it is refused, and how says whether the secrets are any."""
_OF_THE_SECRETS = frozenset({"no_secret", "bad_secret", "no_ed25519"})


def look_at_webhooks(asked: Asked) -> Iterator[Finding]:
    """Judge the secrets of each provider that has some."""
    from procx_graph.events.providers import default_providers

    given = asked.settings.webhook_secrets
    if not given:
        yield Finding.off(Subject.WEBHOOKS, "", "no provider has a secret")
    for provider in default_providers():
        if provider.name not in given:
            continue
        secrets = [one.get_secret_value() for one in given[provider.name]]
        count = f"{len(secrets)} active secret{'' if len(secrets) == 1 else 's'}"
        finding = Finding.ok(Subject.WEBHOOKS, provider.name, count)
        try:
            provider.verify(_FORGED, b"{}", secrets, now=_AT)
        except WebhookError as error:
            if error.reason in _OF_THE_SECRETS:
                todo = f"correct {variable_of(f'webhook_secrets_{provider.name}')}"
                if error.reason == "no_ed25519":
                    todo = 'pip install "procx_graph[webhooks]"'
                why = str(error).removeprefix(f"{provider.name}: ")
                finding = Finding.broken(Subject.WEBHOOKS, provider.name, why, todo)
        yield finding
