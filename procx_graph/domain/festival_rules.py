"""When a message may begin with a festival greeting."""

from enum import StrEnum

from pydantic import Field

from procx_graph.domain.model import Noun


class FestivalName(StrEnum):
    """Festivals that every language has a greeting for."""

    DIWALI = "diwali"
    HOLI = "holi"
    PONGAL = "pongal"
    MAKAR_SANKRANTI = "makar_sankranti"
    UGADI = "ugadi"
    DURGA_PUJA = "durga_puja"
    DUSSEHRA = "dussehra"
    ONAM = "onam"
    EID_AL_FITR = "eid_al_fitr"
    EID_AL_ADHA = "eid_al_adha"
    CHRISTMAS = "christmas"
    NEW_YEAR = "new_year"
    INDEPENDENCE_DAY = "independence_day"
    REPUBLIC_DAY = "republic_day"


class FestivalRules(Noun):
    """Whether festivals are greeted at all, which, and how long before."""

    enabled: bool = False
    days: int = Field(default=3, ge=0, le=30)
    """A festival at most this many days ahead is greeted; 0 greets only on the day."""
    names: tuple[FestivalName, ...] = ()
    """Only these festivals; empty means all."""
