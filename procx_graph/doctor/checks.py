"""All checks, in the order in which they are made."""

from procx_graph.doctor import (
    channels,
    extras,
    langfuse,
    languages,
    models,
    packages,
    policy,
    profile,
    prompts,
    python,
    settings,
    source,
    store,
    webhooks,
)
from procx_graph.doctor.examine import Check
from procx_graph.doctor.finding import Subject

CHECKS = (
    Check(Subject.PYTHON, python.look_at_python),
    Check(Subject.PACKAGES, packages.look_at_packages),
    Check(Subject.EXTRAS, extras.look_at_extras),
    Check(Subject.SETTINGS, settings.look_at_settings),
    Check(Subject.SOURCE, source.look_at_sources, seconds=60),
    Check(Subject.PROFILE, profile.look_at_profile),
    Check(Subject.POLICY, policy.look_at_policy),
    Check(Subject.STORE, store.look_at_store),
    Check(Subject.MODEL, models.look_at_models, seconds=90),
    Check(Subject.PROMPTS, prompts.look_at_prompts),
    Check(Subject.LANGUAGES, languages.look_at_languages),
    Check(Subject.CHANNELS, channels.look_at_channels, seconds=30),
    Check(Subject.WEBHOOKS, webhooks.look_at_webhooks),
    Check(Subject.LANGFUSE, langfuse.look_at_langfuse),
)
"""Models have ten seconds each, and loading their client takes some as well."""
