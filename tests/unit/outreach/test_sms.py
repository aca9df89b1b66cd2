"""What a text message costs."""

import pytest

from procx_graph.outreach.sms import segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("क" * 70, 1),
        ("क" * 71, 2),
        ("क" * 134, 2),
        ("क" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_follow_the_alphabet(text: str, count: int) -> None:
    assert segments(text) == count


def test_one_curly_quote_makes_the_whole_text_dearer() -> None:
    assert segments("a" * 150) == 1
    assert segments("a" * 149 + "’") == 3
