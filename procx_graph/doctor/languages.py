"""Languages: are the templates and the list of words of each complete?"""

import tomllib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.domain.message import Language
from procx_graph.errors import ConfigError

if TYPE_CHECKING:
    from procx_graph.outreach.languages import LanguagePack


def look_at_languages(asked: Asked) -> Iterator[Finding]:
    """Load the pack of every language."""
    del asked
    from procx_graph.outreach.languages import language_pack

    for language in Language:
        yield language_of(language, language_pack)


def language_of(language: Language, load: "Callable[[Language], LanguagePack]") -> Finding:
    """Judge one language's pack by loading it, which refuses what is not complete."""
    try:
        load(language)
    except (ConfigError, OSError, tomllib.TOMLDecodeError) as error:
        todo = "install procx_graph again, or correct the file"
        return Finding.broken(Subject.LANGUAGES, language.value, str(error), todo)
    return Finding.ok(Subject.LANGUAGES, language.value, "templates and words are complete")
