"""What customers write, in five languages: sentences put together from lists, slots filled in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from procx_graph.tables.sample.knobs import Flags
from procx_graph.tables.sample.resources import word_list

ENGLISH_SHARE = 0.40


def written_language(native: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Draw in which language each customer writes: their own, or English."""
    english = rng.random(len(native)) < ENGLISH_SHARE
    return ["en" if e else own for e, own in zip(english.tolist(), native, strict=True)]


def ticket_messages(
    languages: Sequence[str],
    categories: Sequence[str],
    upset: Flags,
    slots: Iterable[Mapping[str, str]],
    rng: np.random.Generator,
) -> list[str]:
    """Write the first message of each ticket.

    Args:
        languages: The language of each message.
        categories: The category of each ticket.
        upset: Whether the customer is angry.
        slots: What `{order}`, `{product}`, `{amount}` and `{date}` stand for in each.
        rng: Where the randomness comes from.
    """
    rows = zip(
        languages, categories, upset.tolist(), slots, _thirds(len(languages), rng), strict=True
    )
    messages = []
    for language, category, angry, slot, (one, two, three) in rows:
        words = word_list(f"texts/{language}")["ticket"]
        opening = _pick(words["upset" if angry else "calm"], one)
        problem = _pick(words[category], two).format_map(slot)
        closing = _pick(words["demand" if angry else "thanks"], three)
        messages.append(f"{opening} {problem} {closing}")
    return messages


def survey_texts(
    languages: Sequence[str], bands: Sequence[str], rng: np.random.Generator
) -> list[str | None]:
    """Write what each respondent adds to the score; about one in six adds nothing.

    Args:
        languages: The language of each text.
        bands: Promoter, passive or detractor.
        rng: Where the randomness comes from.
    """
    texts: list[str | None] = []
    for language, band, (one, two, three) in zip(
        languages, bands, _thirds(len(languages), rng), strict=True
    ):
        words = word_list(f"texts/{language}")["survey"]
        parts = [_pick(words[band], one), _pick(words[f"{band}_end"], two)]
        texts.append(None if three < 1 / 6 else " ".join(parts[: 1 + (three < 2 / 3)]))
    return texts


def _thirds(size: int, rng: np.random.Generator) -> Iterator[Sequence[float]]:
    return iter(rng.random((size, 3)).tolist())


def _pick(sentences: Sequence[str], share: float) -> str:
    return sentences[int(share * len(sentences))]
