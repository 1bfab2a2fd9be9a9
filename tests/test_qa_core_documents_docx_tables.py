"""Word's tables: heads of several rows, and rows that Word does not show."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import Table

from qa_core.documents import read_content
from qa_core.documents.remarks import with_led_remarks

PRESSURES = [
    ["Setting", "Pressure", ""],
    ["", "Low", "High"],
    ["Coffee", "1 bar", "2 bar"],
    ["Tea", "3 bar", "4 bar"],
]


def lines(document: Document) -> list[str]:
    buffer = BytesIO()
    document.save(buffer)
    return [str(block) for block in read_content(buffer.getvalue(), ".docx").blocks]


def filled(document: Document, rows: list[list[str]], n_bold: int = 0) -> Table:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for at, row in enumerate(rows):
        for cell, text in zip(table.rows[at].cells, row, strict=True):
            if text:
                cell.paragraphs[0].add_run(text).bold = at < n_bold
    return table


def mark_head(table: Table, n_rows: int) -> None:
    for row in table.rows[:n_rows]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


@pytest.mark.parametrize("n_marked", [0, 1, 2])
@pytest.mark.parametrize("n_bold", [0, 1, 2])
def test_a_head_whose_cells_are_merged_names_its_columns_by_both_its_rows(n_marked: int, n_bold: int) -> None:
    document = docx.Document()
    table = filled(document, PRESSURES, n_bold)
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    mark_head(table, n_marked)

    assert lines(document) == [
        "Setting: Coffee | Pressure / Low: 1 bar | Pressure / High: 2 bar",
        "Setting: Tea | Pressure / Low: 3 bar | Pressure / High: 4 bar",
    ]


def test_a_model_over_two_columns_names_both_together_with_what_they_differ_in() -> None:
    document = docx.Document()
    table = filled(
        document,
        [
            ["", "GF-20", "GF-30", "", "GF-30S"],
            ["", "230 V", "230 V", "115 V", "230 V"],
            ["Power", "90 W", "95 W", "99 W", "93 W"],
            ["Noise", "42 dB", "43 dB", "44 dB", "40 dB"],
        ],
    )
    table.cell(0, 2).merge(table.cell(0, 3))

    assert lines(document) == [
        "Power | GF-20 / 230 V: 90 W | GF-30 / 230 V: 95 W | GF-30 / 115 V: 99 W | GF-30S / 230 V: 93 W",
        "Noise | GF-20 / 230 V: 42 dB | GF-30 / 230 V: 43 dB | GF-30 / 115 V: 44 dB | GF-30S / 230 V: 40 dB",
    ]


def test_a_model_over_two_columns_names_both_where_nothing_tells_them_apart() -> None:
    document = docx.Document()
    rows = [
        ["Model", "GF-20", "GF-30", ""],
        ["Current", "1.1 A", "1.6 A", "3.3 A"],
        ["Noise", "42", "43", "44"],
    ]
    table = filled(document, rows)
    table.cell(0, 2).merge(table.cell(0, 3))

    assert lines(document) == [
        "Model: Current | GF-20: 1.1 A | GF-30: 1.6 A | GF-30: 3.3 A",
        "Model: Noise | GF-20: 42 | GF-30: 43 | GF-30: 44",
    ]


def test_rows_that_are_merged_as_well_are_no_head() -> None:
    document = docx.Document()
    table = filled(
        document,
        [["A4", "Both trays", ""], ["", "Upper", "Lower"], ["A5", "Upper tray", ""], ["", "Right", "Left"]],
    )
    for top in (0, 2):
        table.cell(top, 0).merge(table.cell(top + 1, 0))
        table.cell(top, 1).merge(table.cell(top, 2))

    assert lines(document) == [
        "A4 | Both trays",
        "A4 | Upper | Lower",
        "A5 | Upper tray",
        "A5 | Right | Left",
    ]


def test_hidden_rows_are_left_out() -> None:
    document = docx.Document()
    document.add_paragraph("Codes")
    table = filled(document, [["Code", "Meaning"], ["E1", "Jam"], ["E2", "Secret"], ["E3", "Hot"]], n_bold=1)
    table.rows[2]._tr.get_or_add_trPr().append(OxmlElement("w:hidden"))
    shown = OxmlElement("w:hidden")
    shown.set(qn("w:val"), "0")
    table.rows[3]._tr.get_or_add_trPr().append(shown)
    [row] = filled(document, [["Password", "1234"]]).rows
    row._tr.get_or_add_trPr().append(OxmlElement("w:hidden"))

    assert lines(document) == ["Codes", "Code: E1 | Meaning: Jam", "Code: E3 | Meaning: Hot"]


@pytest.mark.parametrize(("style", "is_head"), [("Light Grid Accent 1", True), ("Table Grid", False)])
def test_a_first_row_that_the_tables_style_sets_apart_is_its_head(style: str, *, is_head: bool) -> None:
    document = docx.Document()
    filled(document, [["Input 1", "Feed 2"], ["Fresh water", "Tap"], ["Steam", "Boiler"]]).style = style

    assert lines(document)[-1] == ("Input 1: Steam | Feed 2: Boiler" if is_head else "Steam | Boiler")


def test_a_value_in_the_first_row_is_no_head_whatever_the_tables_style() -> None:
    document = docx.Document()
    table = filled(document, [["Weight", "5 kg"], ["Power", "8 W"], ["Colour", "red"]])
    table.style = "Light Grid Accent 1"

    assert lines(document)[0] == "Weight | 5 kg"


def test_a_first_row_that_is_not_to_look_as_the_style_has_it_is_no_head() -> None:
    document = docx.Document()
    table = filled(document, [["Input 1", "Feed 2"], ["Fresh water", "Tap"], ["Steam", "Boiler"]])
    table.style = "Light Grid Accent 1"
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.set(qn("w:firstRow"), "0")

    assert lines(document)[0] == "Input 1 | Feed 2"


@pytest.mark.parametrize("n_bold", [0, 1])
def test_a_warning_set_as_a_table_of_two_cells_is_led_by_its_signal_word(n_bold: int) -> None:
    document = docx.Document()
    filled(document, [["⚠ WARNING", "It is hot."]], n_bold)
    filled(document, [["Warning", "Lamp is red"], ["Note", "Lamp is blue"]])
    buffer = BytesIO()
    document.save(buffer)

    blocks = read_content(buffer.getvalue(), ".docx").blocks

    assert list(map(str, with_led_remarks(blocks))) == [
        "WARNING: It is hot.",
        "Warning | Lamp is red",
        "Note | Lamp is blue",
    ]
