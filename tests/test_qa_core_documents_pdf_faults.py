"""Tables of faults without ruled lines, and faults that are listed line by line."""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

Row = tuple[float, dict[float, str]]  # how far below the row above, and what begins where
PROSE = "Look the code up that the display shows, and do what is said about it before you call anybody."


def lines(rows: list[Row], size: float = 9) -> list[str]:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(480, 600))
    canvas.setFont("Helvetica", size)
    canvas.drawString(40, 560, PROSE)
    y = 530.0
    for gap, texts in rows:
        y -= gap
        for x, text in texts.items():
            bold = "-Bold" if text.startswith("*") else ""
            canvas.setFont(f"Helvetica{bold}", 14 if text.startswith("**") else size)
            canvas.drawString(x, y, text.lstrip("*"))
    canvas.save()
    found = read_pdf(buffer.getvalue()).blocks
    return [f"# {b.text}" if isinstance(b, Heading) else str(b) for b in found][1:]


def test_causes_below_each_other_are_rows_of_their_own_though_their_cells_are_wrapped() -> None:
    assert lines(
        [
            (11, {40: "*Fault", 130: "*Cause", 280: "*Remedy"}),
            (11, {40: "No heat", 130: "The fuse has blown", 280: "Replace the fuse"}),
            (11, {130: "The element is broken or", 280: "Have it replaced by the"}),
            (11, {130: "its wire is loose", 280: "service"}),
            (11, {40: "Loud noise", 130: "A coin in the drum", 280: "Take it out"}),
        ]
    ) == [
        "Fault: No heat | Cause: The fuse has blown | Remedy: Replace the fuse",
        "Fault: No heat | Cause: The element is broken or its wire is loose"
        " | Remedy: Have it replaced by the service",
        "Fault: Loud noise | Cause: A coin in the drum | Remedy: Take it out",
    ]


def test_codes_in_the_middle_of_their_rows_hold_these_together() -> None:
    assert lines(
        [
            (11, {40: "*Code", 130: "*Cause", 280: "*Remedy"}),
            (18, {130: "The belt of the drum is worn", 280: "Unplug the dryer, open it and"}),
            (5, {40: "F01"}),
            (6, {130: "or has come off", 280: "put it back on"}),
            (18, {280: "Clean the lint filter, then"}),
            (11, {40: "F02", 130: "The air is too hot", 280: "start the dryer again as it is"}),
            (11, {280: "described for it"}),
            (18, {40: "F03", 130: "The door is open", 280: "Close it"}),
        ]
    ) == [
        "Code: F01 | Cause: The belt of the drum is worn or has come off"
        " | Remedy: Unplug the dryer, open it and put it back on",
        "Code: F02 | Cause: The air is too hot"
        " | Remedy: Clean the lint filter, then start the dryer again as it is described for it",
        "Code: F03 | Cause: The door is open | Remedy: Close it",
    ]


def test_codes_stand_close_to_what_they_mean() -> None:
    assert lines(
        [
            (11, {40: "F01", 62: "The belt is worn. Unplug the dryer, open it at its rear side and"}),
            (11, {62: "put it back on."}),
            (11, {40: "F02", 62: "The door is open. Close it."}),
            (11, {40: "F03", 62: "The tank is full."}),
        ]
    ) == [
        "F01 | The belt is worn. Unplug the dryer, open it at its rear side and put it back on.",
        "F02 | The door is open. Close it.",
        "F03 | The tank is full.",
    ]


def test_lines_that_begin_with_codes_are_not_run_together() -> None:
    assert lines(
        [
            (11, {40: "F01 - The belt is worn and has to be put back on, as described for the service."}),
            (11, {40: "F02 - The door is open"}),
            (11, {40: "F03 - The tank is full or it is not pushed in: empty it and push it in until it"}),
            (11, {40: "clicks"}),
        ]
    ) == [
        "F01 - The belt is worn and has to be put back on, as described for the service.",
        "F02 - The door is open",
        "F03 - The tank is full or it is not pushed in: empty it and push it in until it clicks",
    ]


def test_a_heading_below_a_table_is_no_row_of_it_though_a_word_stands_under_a_column() -> None:
    assert lines(
        [
            (11, {40: "F01", 92: "The belt is worn", 280: "Put it back on"}),
            (11, {40: "F02", 92: "The door is open", 280: "Close it"}),
            (26, {40: "**Codes", 92: "**that are shown"}),
            (16, {40: "Each code is shown for ten minutes, and again after the next start of the dryer."}),
        ]
    ) == [
        "F01 | The belt is worn | Put it back on",
        "F02 | The door is open | Close it",
        "# Codes that are shown",
        "Each code is shown for ten minutes, and again after the next start of the dryer.",
    ]
