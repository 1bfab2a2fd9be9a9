"""Steps in numbered panels beside each other, with a picture between the number and the text."""

from __future__ import annotations

from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.panels import panel_steps
from qa_core.documents.pdf.document import read_pdf

STEPS = [
    "Lift the lid at its|rear edge.",
    "Cut the red ties.",
    "Turn the lamp out.",
    "Put it back.",
    "Close.",
]
LEFT = (60.0, 300.0)


def lines(texts: list[str], below: str, *, is_ruled: bool = False, centred: bool = False) -> list[str]:
    """What is read of a page with two panels in a row, and a paragraph below them."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(600, 800))
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, 750, "Changing the lamp")
    write = canvas.drawCentredString if centred else canvas.drawString
    y = 720.0
    for at in range(0, len(texts), 2):
        for number, text, x in zip((at + 1, at + 2), texts[at : at + 2], LEFT, strict=False):
            canvas.setFont("Helvetica-Bold", 14)
            write(x + 100 * centred, y - 15, str(number))
            canvas.rect(x + 30, y - 70, 100, 45)
            canvas.setFont("Helvetica", 10)
            for line, part in enumerate(text.split("|")):
                write(x + 100 * centred, y - 85 - 12 * line, part)
        if is_ruled:
            canvas.grid([50, 290, 530], [y, y - 105])
        y -= 105
    canvas.drawString(60, y - 20, below)
    canvas.save()
    return [
        "#" * block.level + " " + block.text if isinstance(block, Heading) else str(block)
        for block in read_pdf(buffer.getvalue()).blocks
    ]


@pytest.mark.parametrize("is_ruled", [True, False])
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("n_steps", [2, 4, 5])
def test_panels_are_steps_from_left_to_right_and_then_down(
    n_steps: int, centred: bool, is_ruled: bool
) -> None:
    below = "Then switch the appliance on again, and check whether the new lamp is lit, before you go on."

    assert lines(STEPS[:n_steps], below, is_ruled=is_ruled, centred=centred) == [
        "# Changing the lamp",
        "1. Lift the lid at its rear edge.",
        *(f"{number}. {text}" for number, text in enumerate(STEPS[1:n_steps], 2)),
        below,
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [["1 bar", "2 bar"], ["3 bar", "4 bar"]],  # values
        [["1 Power", "2 Volume"], ["3 Mute", "4 Source"]],  # names of parts
        [["1 Open the lid.", "3 Take it out."], ["2 Wait.", "4 Close the lid."]],
        [["1 Open the lid.", "Wait for it."]],
        [["1 Open the lid."], ["2 Close the lid."]],
        [["", ""]],
    ],
)
def test_other_grids_are_no_panels(rows: list[list[str]]) -> None:
    assert panel_steps(rows) == []


@pytest.mark.parametrize(
    "rows", [[["1", "2", "3"], ["Off", "On", "On"], ["Eco mode", "Test only", "Not used"]]]
)
def test_numbers_that_head_columns_are_no_panels(rows: list[list[str]]) -> None:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(600, 800))
    for at, row in enumerate(rows):
        for x, text in zip((60, 180, 300), row, strict=True):
            canvas.drawString(x, 700 - 16 * at, text)
    canvas.save()

    assert [str(block) for block in read_pdf(buffer.getvalue()).blocks] == [" | ".join(row) for row in rows]
