"""The customer's name in a text: data from outside, put in only where the text is shown or sent."""

import re
import unicodedata
from functools import lru_cache

from procx_graph.domain.message import Language
from procx_graph.outreach.languages import NAME_SLOT, Greeting, language_pack
from procx_graph.outreach.letters import JOINERS, LETTER
from procx_graph.outreach.sms import SEGMENTS, segments

LONGEST = 40
"""Characters of a name that are kept."""

_INDIAN = range(0x0900, 0x0D80)
_VIRAMAS = "\u094d\u09cd\u0bcd\u0c4d"
"""They end a name, and give way to an ending."""
_SHORTEST_STEM = 3
_NO_NAME = re.compile(r"[<>{}\[\]|\\=%\d]|&#?\w+;")
_ADDRESS = re.compile(r"@|://|\bwww\.|\w\.\w{2,}(?:/|$)", re.IGNORECASE)
_MISSING = frozenset({"none", "nan", "null", "nat", "n/a", "na", "undefined", "unknown"})
_ANYWHERE = re.compile(r"[ \t]{0,2},?[ \t]{0,2}" + re.escape(NAME_SLOT))


def fill_name(text: str, first_name: str | None, *, language: Language) -> str:
    """Put the customer's name where `{first_name}` stands.

    The name is data: braces in it are not slots, and what is not a usable name (see `usable_name`)
    is left out, with the greeting that needs no name. A text message that the name would push
    beyond two segments greets without it too.

    Args:
        text: A text in `language`, as composed, or as a model or a person wrote it.
        first_name: As stored; `None` when unknown.
        language: Whose greetings the text begins with.
    """
    name = usable_name(first_name)
    messages = language_pack(language).messages
    short = _without_name(text, messages.sms_greeting)
    if short is not None:
        filled = text.replace(NAME_SLOT, name or "")
        fits = segments(filled) <= max(SEGMENTS, segments(short))
        return filled if name and fits else short
    if name:
        return text.replace(NAME_SLOT, name)
    long = _without_name(text, messages.greeting)
    return _ANYWHERE.sub("", text) if long is None else long


@lru_cache(maxsize=4096)
def usable_name(first_name: str | None) -> str | None:
    """Make a stored name fit for a greeting: one line, no hidden characters, at most 40.

    Returns:
        `None` when nothing remains, or when it is an address or markup, has a figure or no letter,
        or is a stand-in for a missing value such as "nan".
    """
    if first_name is None:
        return None
    text = unicodedata.normalize("NFC", first_name[: LONGEST * 10])
    text = "".join(" " if _breaks(char) else char for char in text if not _hidden(char))
    text = " ".join(text.split())
    if _NO_NAME.search(text) or _ADDRESS.search(text) or text.casefold() in _MISSING:
        return None
    name = _cut(text)
    return name if any(char.isalpha() for char in name) else None


def _without_name(text: str, greeting: Greeting) -> str | None:
    """Give the text with the plain greeting; `None` when it does not begin with the named one."""
    if not text.startswith(greeting.named):
        return None
    return _ANYWHERE.sub("", greeting.plain + text[len(greeting.named) :])


def _breaks(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Zl", "Zp"}


def _hidden(char: str) -> bool:
    """Whether a character is a control or is not seen; Indic spelling needs the two joiners."""
    category = unicodedata.category(char)
    return category[0] == "C" and char not in JOINERS and not char.isspace()


def _cut(name: str) -> str:
    """Cut at 40 characters, never between a letter and its marks."""
    end = LONGEST
    while end < len(name) and (unicodedata.category(name[end])[0] == "M" or name[end] in JOINERS):
        end -= 1
    return name[:end].strip(" " + JOINERS)


def hide_name(
    text: str,
    name: str | None,
    *,
    placeholder: str = NAME_SLOT,
    exact: bool = False,
    endings: bool = False,
) -> str:
    """Put a placeholder where a name stands written out, as a word of its own.

    Names of one letter are left: they stand for too much else.

    Args:
        text: Where.
        name: As stored.
        placeholder: Instead of it.
        exact: Only where it is written as it will be filled in: "we will" has no Will in it.
        endings: Also where a name in an Indian script has a case ending, as in Tamil.
    """
    name = usable_name(name)
    if name is None:
        return text
    stem = name.rstrip(_VIRAMAS) if endings else name
    inflected = endings and len(stem) >= _SHORTEST_STEM and ord(stem[0]) in _INDIAN
    sought = stem if inflected else name
    if len(sought) < 2 or sought.casefold() not in text.casefold():
        return text
    after = rf"[{LETTER[1:-1]}{JOINERS}]*" if inflected else rf"(?!{LETTER})"
    word, flags = rf"(?<!{LETTER}){re.escape(sought)}{after}", 0 if exact else re.IGNORECASE
    return re.sub(word, placeholder, text, flags=flags)
