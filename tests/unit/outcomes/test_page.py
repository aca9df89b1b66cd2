"""The page and its pictures take text for text, and tables are written alike everywhere."""

from procx_graph.outcomes.excel import harmless
from procx_graph.outcomes.figures import Figures, MessageFigures
from procx_graph.outcomes.page import render_page
from procx_graph.outcomes.pictures import Mark, draw_amounts, draw_shares
from procx_graph.outcomes.topics import Look, Topic, written
from tests.unit.builders import NOW

NASTY = "<b>\"x\"&'y'</b>"
ESCAPED = "&lt;b&gt;&#34;x&#34;&amp;&#39;y&#39;&lt;/b&gt;"


def test_a_picture_writes_names_as_text() -> None:
    drawn = draw_shares(NASTY, [Mark(NASTY, 0.5, 0.4, 0.6, of=NASTY)])

    assert "<b>" not in drawn
    assert drawn.count(ESCAPED) == 4


def test_a_share_lies_between_the_ends_of_its_interval() -> None:
    drawn = draw_shares("t", [Mark("a", 0.5, 0.25, 1.0)])

    assert 'x1="129.0" x2="462.0"' in drawn
    assert 'cx="240.0"' in drawn


def test_the_greatest_amount_is_as_wide_as_the_picture() -> None:
    drawn = draw_amounts("t", [Mark("a", 10), Mark("b", 5), Mark("c", 0)])

    assert [f'width="{wide}"' in drawn for wide in (444.0, 222.0, 1.0)] == [True] * 3


def test_the_page_escapes_what_the_store_says() -> None:
    message = MessageFigures(channel=NASTY, state="sent", reason=None, messages=3)

    page = render_page(Figures(store=NASTY, since=NOW, until=NOW, at=NOW, messages=(message,)))

    assert "<b>&" not in page
    assert '<b>"' not in page
    assert page.count(ESCAPED) == 2


def test_an_interval_is_written_behind_its_value_and_unknown_is_a_dash() -> None:
    columns = [("team", Look.TEXT), ("in time", Look.SHARE), ("from", Look.SHARE)]
    topic = Topic("t", "", [*columns, ("to", Look.SHARE)], [
        ("a", 0.5, 0.4, 0.6), ("b", None, None, None),
    ])  # fmt: skip

    found = written(topic)

    assert [name for name, _ in found.columns] == ["team", "in time"]
    assert found.rows == [["a", "50.0% (40.0 to 60.0%)"], ["b", "–"]]


def test_what_would_start_a_formula_is_quoted_and_numbers_are_left_alone() -> None:
    found = [harmless(value) for value in ("=1+1", "@x", "-x", "+x", "\tx", "fine\x07", 7, None)]

    assert found == ["'=1+1", "'@x", "'-x", "'+x", "x", "fine", 7, None]
