"""Tables without ruled lines whose numbers end below each other."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

HEAD = ("Model", "Power (W)", "Flow (l/h)", "Weight (kg)")
MODELS = [
    ("OP 10", "250", "6,000", "5.5"),
    ("OP 20", "750", "12,500", "11"),
    ("OP 30", "1,100", "9", "114.25"),
]
READ = [
    "Model: OP 10 | Power (W): 250 | Flow (l/h): 6,000 | Weight (kg): 5.5",
    "Model: OP 20 | Power (W): 750 | Flow (l/h): 12,500 | Weight (kg): 11",
    "Model: OP 30 | Power (W): 1,100 | Flow (l/h): 9 | Weight (kg): 114.25",
]
BELOW = "All values were measured at 20 degrees, and may differ by ten per cent from pump to pump, as usual."
USE = ["The station lifts waste water from cellars", "into the sewer. It starts by itself when the"] * 4
CARE = ["Rinse the shaft with clean water twice a year", "and take out what has settled. Wear rubber"] * 4


class Sheet:
    """A page that is written on at any place."""

    def __init__(self) -> None:
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(595, 842))

    def title(self, x: float, y: float, text: str) -> None:
        self.canvas.setFont("Helvetica-Bold", 12)
        self.canvas.drawString(x, y, text)
        self.canvas.setFont("Helvetica", 10)

    def table(self, y: float, rows: Sequence[Sequence[str]], lefts: Sequence[float] = ()) -> None:
        """Rows below `y` whose values end below each other; the head may begin at places of its own."""
        for i, row in enumerate(rows):
            places = (50, *(lefts if lefts and not i else (220, 340, 540)))
            for at, (x, text) in enumerate(zip(places, row, strict=True)):
                draw = self.canvas.drawString if not at or (lefts and not i) else self.canvas.drawRightString
                draw(x, y - 15 * i, text)

    def lines(self) -> list[str]:
        self.canvas.save()
        blocks = read_pdf(self.buffer.getvalue()).blocks
        return [f"# {block.text}" if isinstance(block, Heading) else str(block) for block in blocks]


@pytest.mark.parametrize("lefts", [(), (150, 270, 460)])
def test_values_that_end_below_each_other_stand_in_columns(lefts: Sequence[float]) -> None:
    sheet = Sheet()
    sheet.title(50, 780, "Technical data")
    sheet.table(760, [HEAD, *MODELS], lefts)
    sheet.canvas.drawString(50, 670, BELOW)

    assert sheet.lines() == ["# Technical data", *READ, BELOW]


def test_the_heading_of_a_table_below_two_columns_stands_right_above_it() -> None:
    sheet = Sheet()
    for x, title, texts in ((50, "Use", USE), (310, "Care", CARE)):
        sheet.title(x, 780, title)
        for i, text in enumerate(texts):
            sheet.canvas.drawString(x, 762 - 13 * i, text)
    sheet.title(50, 630, "Technical data")
    sheet.table(610, [HEAD, *MODELS])
    sheet.canvas.drawString(50, 520, BELOW)

    assert [line for line in sheet.lines() if line.startswith("#") or "|" in line] == [
        *("# Use", "# Care", "# Technical data"),
        *READ,
    ]


def test_lines_of_contents_and_words_with_wide_gaps_are_no_table() -> None:
    sheet = Sheet()
    rows = [("Setting up", "", "", "5"), ("Cleaning the shaft", "", "", "12"), ("Faults", "", "", "112")]
    sheet.title(50, 780, "Pump")
    sheet.table(760, rows)
    sheet.table(600, [("a", "one", "of", "them"), ("b", "is", "never", "said"), ("c", "or", "it", "was not")])

    assert not any("Setting up |" in line or "a | one" in line for line in sheet.lines())
