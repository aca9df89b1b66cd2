"""The checks by name, and the codes of what each of them finds."""

CHECKS: dict[str, tuple[str, ...]] = {
    "script": ("wrong_script", "hidden_character"),
    "confusables": ("confusable_letter",),
    "identity": ("wrong_language",),
    "internal": ("internal_word",),
    "markup": ("markup",),
    "placeholders": ("placeholder", "missing_value"),
    "sender": ("wrong_name", "wrong_sender"),
    "personal": ("card_number", "aadhaar_number", "pan_number", "other_customer"),
    "addresses": ("unknown_link", "insecure_link", "unknown_email", "unknown_phone"),
    "figures": (
        *("unknown_date", "unknown_amount", "wrong_currency", "unknown_percent"),
        *("unknown_duration", "unknown_id", "unknown_number"),
    ),
    "promises": ("promise",),
    "offers": ("unknown_offer", "unconfirmed_offer", "missing_expiry"),
    "tone": (
        *("blame", "pressure", "shouting", "exclamations", "missing_apology"),
        "unfitting_greeting",
    ),
    "chat": ("too_many_emoji", "adjacent_slots"),
    "length": (
        *("empty_body", "too_long", "subject_newline", "subject_too_long", "missing_subject"),
    ),
    "opt_out": ("missing_opt_out",),
    "sameness": ("near_copy",),
}
"""All of them block, but `subject_too_long` and `missing_subject`, which warn."""
