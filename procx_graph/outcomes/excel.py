"""A report as a workbook: a sheet per topic, with number formats and pictures."""

import unicodedata
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import AxDataSource, MultiLevelStrRef, StrRef
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from procx_graph.errors import ConfigError
from procx_graph.outcomes.figures import Figures
from procx_graph.outcomes.topics import Look, Topic, shown, topics

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORMATS = {
    Look.COUNT: "#,##0",
    Look.SHARE: "0.0%",
    Look.POINTS: "+0.0%;-0.0%;0.0%",
    Look.RATING: "0.00",
    Look.HOURS: "#,##0.0",
    Look.MONEY: "#,##0.00",
    Look.CHANCE: "0.0000",
}
_CHARTS = {
    "Triggers": ("Precision by trigger", ("precision",), "0%"),
    "Uplift": ("Who stayed", ("treated stayed", "held out stayed"), "0%"),
    "Deadlines": ("Answered in time", ("in time",), "0%"),
    "Messages": ("Messages", ("messages",), "#,##0"),
}
"""Title, columns drawn and number format, by topic."""
_WIDEST = 60
_ABOUT, _HEAD = 1, 3
"""Rows of the explanation and of the headings."""
_DARK, _LIGHT = "1F3A5F", "FFFFFF"


def write_workbook(figures: Figures, path: Path) -> None:
    """Write the report as an Excel file; nothing in it is taken for a formula.

    Raises:
        ConfigError: The file cannot be written.
    """
    book = Workbook()
    front = book.active
    assert isinstance(front, Worksheet)
    _write_front(front, figures)
    for topic in topics(figures):
        sheet = book.create_sheet(topic.name)
        _write_table(sheet, topic)
        _draw(sheet, topic)
    book.properties.created = book.properties.modified = figures.at.replace(tzinfo=None)
    try:
        book.save(path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror or error}") from error


def harmless(value: Any) -> Any:
    """Give a value that a sheet can hold; text without control characters, and no formula."""
    if not isinstance(value, str):
        return value
    plain = "".join(
        char for char in value if char in "\n\u200c\u200d" or unicodedata.category(char)[0] != "C"
    )
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def _write_front(sheet: Worksheet, figures: Figures) -> None:
    sheet.title = "Summary"
    sheet.append(["What became of what was done"])
    sheet["A1"].font = Font(bold=True, size=14)
    lines: list[tuple[str, Any]] = [
        ("store", figures.store),
        ("from (UTC)", _naive(figures.since) or "the beginning"),
        ("until (UTC)", _naive(figures.until) or "the moment of the report"),
        ("moment of the report (UTC)", _naive(figures.at)),
    ]
    lines += [(f"uplift: {one.experiment}, {one.days} days", one.text) for one in figures.uplifts]
    lines += [("suggestion, for a person to decide", text) for text in figures.suggestions]
    if figures.is_empty:
        lines.append(("nothing yet", "The store knows of nothing that began in this span."))
    for name, value in lines:
        sheet.append([harmless(name), harmless(value)])
        sheet.cell(sheet.max_row, 2).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(sheet.max_row, 1).alignment = Alignment(vertical="top", wrap_text=True)
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 90


def _naive(moment: Any) -> Any:
    """Give a moment as sheets know it, without a zone."""
    return None if moment is None else moment.replace(tzinfo=None)


def _write_table(sheet: Worksheet, topic: Topic) -> None:
    sheet.cell(_ABOUT, 1, harmless(topic.about)).font = Font(italic=True)
    for at, (name, look) in enumerate(topic.columns, start=1):
        head = sheet.cell(_HEAD, at, name)
        head.font = Font(bold=True, color=_LIGHT)
        head.fill = PatternFill("solid", fgColor=_DARK)
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(at)].width = _width(topic, at - 1, look)
    for number, row in enumerate(topic.rows, start=_HEAD + 1):
        for at, (value, (_, look)) in enumerate(zip(row, topic.columns, strict=True), start=1):
            cell = sheet.cell(number, at, harmless(value))
            if look in _FORMATS:
                cell.number_format = _FORMATS[look]
            else:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    last = get_column_letter(len(topic.columns))
    sheet.auto_filter.ref = f"A{_HEAD}:{last}{_HEAD + len(topic.rows)}"
    sheet.freeze_panes = f"B{_HEAD + 1}"


def _width(topic: Topic, at: int, look: Look) -> float:
    longest = max((len(shown(row[at], look)) for row in topic.rows), default=0)
    heading = max(map(len, topic.columns[at][0].split()))
    return min(_WIDEST, max(longest, heading, 6) + 3)


def _draw(sheet: Worksheet, topic: Topic) -> None:
    """Put a bar per row under the table."""
    if topic.name not in _CHARTS:
        return
    title, drawn, number_format = _CHARTS[topic.name]
    chart = BarChart()
    chart.type, chart.style, chart.title = "bar", 10, title
    names = [name for name, _ in topic.columns]
    last = _HEAD + len(topic.rows)
    for name in drawn:
        at = names.index(name) + 1
        values = Reference(sheet, min_col=at, min_row=_HEAD, max_row=last)
        chart.add_data(values, titles_from_data=True)
    # channel and state, experiment and days: the first two columns name a row
    wide = 2 if topic.name in {"Messages", "Uplift"} else 1
    named = str(Reference(sheet, min_col=1, max_col=wide, min_row=_HEAD + 1, max_row=last))
    for series in chart.series:
        series.cat = (
            AxDataSource(strRef=StrRef(f=named))
            if wide == 1
            else AxDataSource(multiLvlStrRef=MultiLevelStrRef(f=named))
        )
    chart.y_axis.number_format, chart.y_axis.delete, chart.x_axis.delete = (
        number_format,
        False,
        False,
    )
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.scaling.min = 0
    if number_format == "0%":
        chart.y_axis.scaling.max = 1
    chart.legend = None if len(drawn) == 1 else chart.legend
    chart.height, chart.width = 3.5 + 0.9 * len(topic.rows) * len(drawn), 20
    sheet.add_chart(chart, f"A{last + 3}")
