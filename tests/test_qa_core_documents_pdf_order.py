"""Tables stand where they are read, also beside each other; none of a page's words is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

LEFT, RIGHT, WIDTH = 60.0, 320.0, 210.0
PROSE = [
    "The pump of the Tormax 9 delivers water from a depth",
    "of eight metres and switches itself off when the well",
    "runs dry, so that the seal of the shaft is not harmed.",
    "After ten minutes it starts again and tries for half a",
    "minute whether there is water. Three such trials later",
    "it stays off until the red key is pressed by a person.",
    "Clean the strainer before every winter and let all the",
    "water out of the housing, so that no frost cracks this",
]
CODES = [["Code", "Meaning"], ["P-1", "Well is dry"], ["P-2", "Pump is blocked"]]
DEPTHS = [["Depth", "Litres an hour"], ["2 m", "3600"], ["8 m", "1200"]]
FUSES = [["Fuse", "Where"], ["F1", "Behind the grey cover"], ["F2", "In the plug"]]


class Sheet:
    """Pages of A4, written on at any place."""

    def __init__(self) -> None:
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(595, 842))

    def text(
        self, x: float, y: float, lines: Sequence[str], size: float = 9, font: str = "Helvetica"
    ) -> float:
        """Write lines from `y` down; where the next would stand."""
        self.canvas.setFont(font, size)
        for i, line in enumerate(lines):
            self.canvas.drawString(x, y - 11 * i, line)
        return y - 11 * len(lines)

    def table(self, x: float, y: float, rows: Sequence[Sequence[str]], width: float = WIDTH) -> float:
        """Draw a ruled table below `y`; where the next line would stand."""
        columns = [x, x + 0.3 * width, x + width]
        bottom = y - 16 * len(rows)
        for i in range(len(rows) + 1):
            self.canvas.line(x, y - 16 * i, x + width, y - 16 * i)
        for edge in columns:
            self.canvas.line(edge, y, edge, bottom)
        for i, row in enumerate(rows):
            for text, edge in zip(row, columns, strict=False):
                self.text(edge + 4, y - 16 * i - 11, [text])
        return bottom - 16

    def lines(self) -> list[str]:
        """What is read."""
        self.canvas.save()
        blocks = read_pdf(self.buffer.getvalue()).blocks
        return [f"# {block.text}" if isinstance(block, Heading) else str(block) for block in blocks]


def test_tables_that_begin_at_different_heights_are_all_read_and_later_ones_too():
    sheet = Sheet()
    sheet.text(LEFT, 760, ["The pump switches itself off when the well runs dry."])
    sheet.table(LEFT, 700, CODES)
    sheet.text(LEFT, 600, ["Store the pump dry in winter."])
    sheet.table(RIGHT, 780, DEPTHS)
    sheet.canvas.showPage()
    sheet.text(LEFT, 780, ["Fuses which a person may change:"])
    sheet.table(LEFT, 740, FUSES)
    sheet.text(LEFT, 600, ["The guarantee is three years."])

    assert sheet.lines() == [
        *["Depth: 2 m | Litres an hour: 3600", "Depth: 8 m | Litres an hour: 1200"],
        "The pump switches itself off when the well runs dry.",
        *["Code: P-1 | Meaning: Well is dry", "Code: P-2 | Meaning: Pump is blocked"],
        "Store the pump dry in winter.",
        "Fuses which a person may change:",
        *["Fuse: F1 | Where: Behind the grey cover", "Fuse: F2 | Where: In the plug"],
        "The guarantee is three years.",
    ]


def test_a_table_at_the_end_of_the_left_column_comes_before_the_right_column():
    sheet = Sheet()
    sheet.table(LEFT, sheet.text(LEFT, 780, PROSE), CODES)
    bottom = sheet.table(RIGHT, 780, DEPTHS)
    sheet.text(RIGHT, bottom, [line.replace("pump", "motor") for line in PROSE])

    found = sheet.lines()

    assert [line[:16] for line in found] == [
        "The pump of the ",
        *["Code: P-1 | Mean", "Code: P-2 | Mean"],
        *["Depth: 2 m | Lit", "Depth: 8 m | Lit"],
        "The motor of the",
    ]
    assert found[0].endswith("so that no frost cracks this")


def test_a_table_across_both_columns_parts_what_is_above_from_what_is_below():
    sheet = Sheet()
    sheet.text(RIGHT, 780, [line.replace("pump", "motor") for line in PROSE])
    below = sheet.table(LEFT, sheet.text(LEFT, 780, PROSE), CODES, width=470)
    sheet.text(RIGHT, below, ["Lower right."])
    sheet.text(LEFT, below, ["Lower left."])

    assert [line[:16] for line in sheet.lines()] == [
        *["The pump of the ", "The motor of the"],
        *["Code: P-1 | Mean", "Code: P-2 | Mean"],
        *["Lower left.", "Lower right."],
    ]


def test_ragged_columns_are_not_interleaved():
    ragged = [line[: len(line) - (11 * i) % 25].rstrip() for i, line in enumerate(PROSE * 3)]
    others = [line.replace("e", "o") for line in ragged]
    sheet = Sheet()
    sheet.text(LEFT, 780, ragged)
    sheet.text(RIGHT, 780, others)

    assert " ".join(sheet.lines()) == " ".join([*ragged, *others])


def test_ragged_text_in_one_column_stays_one_column():
    ragged = [f"{line} {line[: 5 + (11 * i) % 40]}".strip() for i, line in enumerate(PROSE * 3)]
    sheet = Sheet()
    sheet.text(LEFT, 780, ragged)

    assert " ".join(sheet.lines()) == " ".join(ragged)


def test_a_short_column_beside_a_long_one_is_told_by_its_heading():
    sheet = Sheet()
    sheet.text(LEFT, 780, PROSE)
    sheet.text(RIGHT, 780, ["Guarantee"], size=12)
    sheet.text(RIGHT, 758, [line.replace("e", "o") for line in PROSE[:3]])

    assert [line[:16] for line in sheet.lines()] == ["The pump of the ", "# Guarantee", "Tho pump of tho "]


def test_a_short_column_beside_a_long_one_is_told_by_the_table_in_it():
    sheet = Sheet()
    sheet.text(LEFT, 780, PROSE)
    sheet.text(
        RIGHT, sheet.table(RIGHT, 780, [*CODES, *FUSES]), [line.replace("e", "o") for line in PROSE[:3]]
    )

    found = sheet.lines()

    assert [found[0][:16], found[1], found[-1][:16]] == [
        "The pump of the ",
        "Code | Meaning",
        "Tho pump of tho ",
    ]


def test_a_few_lines_beside_a_long_column_are_one_too():
    sheet = Sheet()
    sheet.text(LEFT, 780, PROSE * 2)
    sheet.text(RIGHT, 780, [line.replace("e", "o") for line in PROSE[:3]])

    assert [line[:16] for line in sheet.lines()] == ["The pump of the ", "Tho pump of tho "]


@pytest.mark.parametrize("n_left", [6, 10, 24])
@pytest.mark.parametrize("n_right", [1, 2, 3, 5])
def test_the_end_of_a_text_in_the_right_column_follows_the_left_one(n_left: int, n_right: int):
    left, right = (PROSE * 3)[:n_left], [line.replace("e", "o") for line in PROSE[:n_right]]
    sheet = Sheet()
    sheet.text(LEFT, 780, left)
    sheet.text(RIGHT, 780, right)

    assert " ".join(sheet.lines()) == " ".join([*left, *right])


def test_remarks_beside_the_first_lines_of_a_table_stay_in_their_rows():
    sheet = Sheet()
    for i in range(8):
        sheet.text(LEFT, 780 - 16 * i, [f"The lamp of switch {i + 1} on the upper board"])
    for i, text in enumerate(("Red when the mains are on", "Green when it runs")):
        sheet.text(RIGHT, 780 - 16 * i, [text])

    assert sheet.lines()[:2] == [
        "The lamp of switch 1 on the upper board | Red when the mains are on",
        "The lamp of switch 2 on the upper board | Green when it runs",
    ]


def test_long_cells_under_a_bold_head_stay_rows():
    sheet = Sheet()
    for x, head in ((LEFT, "Problem"), (RIGHT, "Remedy")):
        sheet.text(x, 780, [head], font="Helvetica-Bold")
    for i in range(3):
        sheet.text(LEFT, 760 - 30 * i, ["The pump does not start again although it is", "plugged in and"])
        sheet.text(RIGHT, 760 - 30 * i, ["Check whether the fuse behind the cover is whole"])

    assert (
        sheet.lines()
        == [
            "Problem: The pump does not start again although it is plugged in and"
            " | Remedy: Check whether the fuse behind the cover is whole"
        ]
        * 3
    )


def test_lines_set_far_right_below_others_are_no_column():
    sheet = Sheet()
    for i in range(4):
        y = sheet.text(
            LEFT, 780 - 60 * i, [f"Tray {i} takes letters.", f"The weight of tray {i} is in the lower bits."]
        )
        sheet.text(RIGHT, y, [f"In the rest of {i}, flags are set.", "They stand for a case of letters."])

    assert [line[:16] for line in sheet.lines()] == [
        part for i in range(4) for part in (f"Tray {i} takes let", "The weight of tr", f"In the rest of {i}")
    ]


def test_a_line_that_stands_on_a_tables_upper_rule_is_read():
    sheet = Sheet()
    sheet.text(LEFT, 740.5, ["Codes that the display shows"])
    sheet.table(LEFT, 741, CODES)

    assert sheet.lines() == [
        "Codes that the display shows",
        *["Code: P-1 | Meaning: Well is dry", "Code: P-2 | Meaning: Pump is blocked"],
    ]


Part = tuple[str, int]  # kind, and how many lines or rows
parts = st.lists(st.tuples(st.sampled_from(["text", "table"]), st.integers(1, 9)), max_size=4)


@given(top=parts, left=parts, right=parts, end=parts)
@settings(max_examples=60, deadline=None)
def test_no_word_of_a_page_with_tables_and_two_columns_is_lost(
    top: list[Part], left: list[Part], right: list[Part], end: list[Part]
):
    sheet = Sheet()
    numbers = count()

    def write(x: float, y: float, written: list[Part], n_words: int) -> float:
        for kind, n in written:
            if kind == "text":
                y = sheet.text(
                    x, y, [" ".join(f"word{next(numbers)}x" for _ in range(n_words)) for _ in range(n)]
                )
            else:
                y = sheet.table(x, y, [[f"key{next(numbers)}x", f"value{next(numbers)}x"] for _ in range(n)])
        return y

    y = write(LEFT, 1600, top, 10)
    write(LEFT, min(write(LEFT, y, left, 4), write(RIGHT, y, right, 4)), end, 10)
    sheet.canvas.setPageSize((595, 1640))
    sheet.text(LEFT, 1620, ["The manual of the pump"])

    written = {f"{number}x" for number in range(next(numbers))}
    assert written == {name for line in sheet.lines() for name in re.findall(r"\d+x", line)}


def test_a_heading_below_two_columns_leads_the_text_that_runs_over_both() -> None:
    sheet = Sheet()
    sheet.text(LEFT, 800, ["Use"], size=14)
    for x in (LEFT, RIGHT):
        sheet.text(x, 780, PROSE)
    sheet.text(LEFT, 660, ["Care"], size=14)
    sheet.text(LEFT, 640, [" ".join(PROSE[6:])])
    text = " ".join(PROSE)

    assert sheet.lines() == ["# Use", text, text, "# Care", " ".join(PROSE[6:])]


@pytest.mark.parametrize(
    "warning", ["Never use any solvent on the cover.", "Never use any solvent on covers"]
)
def test_a_bold_last_line_of_the_left_column_stays_in_it(warning: str) -> None:
    sheet = Sheet()
    sheet.text(LEFT, 800, ["Use"], size=14)
    below = sheet.text(LEFT, 780, PROSE)
    sheet.text(RIGHT, 780, PROSE)
    sheet.text(LEFT, below, [warning], font="Helvetica-Bold")
    sheet.text(LEFT, below - 20, [" ".join(PROSE[6:])])

    text = "\n".join(sheet.lines())

    assert text.count("The pump of the") == 2
    assert text.index(warning) < text.rindex("The pump of the")


def test_headings_of_two_ranks_below_two_columns_lead_the_text_together() -> None:
    sheet = Sheet()
    sheet.text(LEFT, 800, ["Use"], size=14)
    for x in (LEFT, RIGHT):
        sheet.text(x, 780, PROSE)
    sheet.text(LEFT, 660, ["Care"], size=14)
    sheet.text(LEFT, 642, ["In winter"], size=12)
    sheet.text(LEFT, 626, [" ".join(PROSE[6:])])

    assert sheet.lines()[-3:] == ["# Care", "# In winter", " ".join(PROSE[6:])]


BESIDE = [
    "The pump is at rest as long as the lid on top of it is up, and it may not",
    "be set to run by hand then. Let no one lift the lid as long as the red lamp",
    "is on, as the air in it is hot. If the lamp is off for an hour, go on.",
]


def test_headings_in_the_margin_head_the_text_beside_them() -> None:
    sheet = Sheet()
    y = 700.0
    for heading in ((), ("Cleaning",), ("Before the", "winter"), ("Wear",)):
        for at, text in enumerate(BESIDE):
            if at < len(heading):
                sheet.text(LEFT, y, [heading[at]], font="Helvetica-Bold")
            sheet.text(200, y, [text])
            y -= 12
        y -= 12
    text = " ".join(BESIDE)

    assert sheet.lines() == [
        text,
        *("# Cleaning", text),
        *("# Before the winter", text),
        *("# Wear", text),
    ]


def test_options_in_the_margin_stay_with_what_they_mean() -> None:
    sheet = Sheet()
    for at in range(9):
        if at % 3 == 0:
            sheet.text(LEFT, 700 - 12 * at, [f"-{'qvw'[at // 3]}"], font="Helvetica-Bold")
        sheet.text(200, 700 - 12 * at, [BESIDE[at % 3]])

    assert sheet.lines()[0].startswith("-q The pump")
