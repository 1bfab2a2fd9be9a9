"""Notes at the foot of a PDF's page stand in the sections that refer to them."""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

PAGE = 400


def lines(*pages: tuple[list[str], list[str]]) -> list[str]:
    """What is read of pages with sections (`# Title`, text) and with notes at their feet."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(420, PAGE))
    for texts, notes in pages:
        y = PAGE - 60
        for text in texts:
            is_title = text.startswith("# ")
            canvas.setFont("Helvetica-Bold" if is_title else "Helvetica", 14 if is_title else 10)
            y -= 26 if is_title else 16
            canvas.drawString(40, y, text.removeprefix("# "))
        for at, text in enumerate(notes):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(40, 70 - 12 * at, text)
        canvas.showPage()
    canvas.save()
    blocks = read_pdf(buffer.getvalue()).blocks
    return [f"# {block.text}" if isinstance(block, Heading) else str(block) for block in blocks]


BURR = ["# Burr", "The burr K2¹ lasts for two years in a household of four people."]
HOPPER = ["# Hopper", "Fill in at most 200 g of beans, and close the lid until it clicks."]


def test_a_note_goes_to_the_section_with_its_mark() -> None:
    assert lines(([*BURR, *HOPPER], ["¹ Only in the large model."])) == [
        *(*BURR, "¹ Only in the large model."),
        *HOPPER,
    ]


def test_a_note_that_two_sections_refer_to_stands_in_both() -> None:
    cup = ["# Cup", "The cup K3¹ holds 90 g of ground coffee."]
    assert lines(([*BURR, *HOPPER, *cup], ["¹ Only in the large model.", "² Without beans."])) == [
        *(*BURR, "¹ Only in the large model."),
        *HOPPER,
        *(*cup, "¹ Only in the large model.", "² Without beans."),
    ]


def test_a_note_stays_where_nothing_on_its_page_but_an_exponent_has_its_mark() -> None:
    room = ["# Room", "It is meant for kitchens of at least 6 m² with a window."]
    first = ([*room, *HOPPER], ["² Without beans."])
    second = (["# Cup", "The cup K3² holds 90 g of ground coffee."], [])
    assert lines(first, second) == [*room, *HOPPER, "² Without beans.", *second[0]]
