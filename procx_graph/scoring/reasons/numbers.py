"""Numbers in plain words: counts, ages, amounts."""

import polars as pl


def count(number: pl.Expr, word: str) -> pl.Expr:
    """Write a number with its noun, as in "1 day" and "2 deliveries"."""
    plural = word[:-1] + "ies" if word.endswith("ry") else f"{word}s"
    noun = pl.when(number == 1).then(pl.lit(word)).otherwise(pl.lit(plural))
    return pl.format("{} {}", number, noun)


def ago(days: pl.Expr) -> pl.Expr:
    """Write an age in days, as in "today" and "3 days ago"."""
    past = pl.format("{} ago", count(days, "day"))
    return pl.when(days == 0).then(pl.lit("today")).otherwise(past)


def whole(number: pl.Expr) -> pl.Expr:
    """Round to a whole number; null where there is none."""
    finite = pl.when(number.is_finite()).then(number)
    return finite.round().cast(pl.Int64)


def money(cents: str | pl.Expr) -> pl.Expr:
    """Write cents as whole money with commas between thousands."""
    column = pl.col(cents) if isinstance(cents, str) else cents
    turned = whole(column / 100).cast(pl.String).str.reverse()
    return turned.str.replace_all(r"(\d{3})", "$1,").str.reverse().str.strip_chars_start(",")
