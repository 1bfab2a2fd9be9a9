"""Headings of a PDF by its outline, without what that repeats of the contents, and what a cover says."""

from __future__ import annotations

from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

CHAPTERS = ("Safety", "Operation")


class Manual:
    """Pages that are written on from top to bottom, with an outline."""

    def __init__(self) -> None:
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(595, 842))
        self.y = 750

    def line(self, text: str, size: float = 10) -> None:
        self.y -= 30
        self.canvas.setFont("Helvetica", size)
        self.canvas.drawString(72, self.y, text)

    def mark(self, title: str, level: int) -> None:
        key = f"{title} {self.canvas.getPageNumber()}"
        self.canvas.bookmarkPage(key)
        self.canvas.addOutlineEntry(title, key, level)

    def page(self) -> None:
        self.canvas.showPage()
        self.y = 750

    def headings(self) -> list[tuple[int, str]]:
        self.canvas.save()
        blocks = read_pdf(self.buffer.getvalue()).blocks
        return [(block.level, block.text) for block in blocks if isinstance(block, Heading)]


def chapters(manual: Manual, level: int) -> None:
    for title in CHAPTERS:
        manual.page()
        manual.mark(title, level)
        manual.line(title)
        manual.line("The heater warms rooms of up to twenty square metres.")


def test_chapters_that_the_outline_has_below_the_contents_stand_on_their_own() -> None:
    manual = Manual()
    manual.line("Table of Contents")
    manual.mark("Table of Contents", 0)
    chapters(manual, 1)

    assert manual.headings() == [(1, "Table of Contents"), (1, "Safety"), (1, "Operation")]


def test_lines_of_the_contents_that_the_outline_has_are_no_headings() -> None:
    manual = Manual()
    manual.line("Contents")
    manual.mark("Contents", 0)
    for title in CHAPTERS:
        manual.line(title)
        manual.mark(title, 1)
    chapters(manual, 0)

    assert manual.headings() == [(1, "Contents"), (1, "Safety"), (1, "Operation")]


def test_an_outline_without_the_numbers_of_the_text_names_its_headings() -> None:
    manual = Manual()
    for shown, title, level in (
        ("1 Operation", "Operation", 0),
        ("1.1 Starting the heater after a long time out", "Starting the heater after a long time out", 1),
        ("Appendix A: Spare parts", "Spare parts", 0),
    ):
        manual.mark(title, level)
        manual.line(shown)
        manual.line("The heater warms rooms of up to twenty square metres.")

    assert manual.headings() == [
        (1, "1 Operation"),
        (2, "1.1 Starting the heater after a long time out"),
        (1, "Appendix A: Spare parts"),
    ]


def test_lines_below_the_title_of_a_cover_head_no_chapter() -> None:
    manual = Manual()
    manual.line("Nordo 5", 30)
    manual.line("Operating instructions", 20)
    manual.line("Model N5-230", 14)
    manual.line("Rev. C, May 2020")
    for title in CHAPTERS:
        manual.page()
        manual.line(title, 18)
        manual.line("The heater warms rooms of up to twenty square metres.")

    assert manual.headings() == [(1, "Nordo 5"), (2, "Safety"), (2, "Operation")]


@pytest.mark.parametrize("size", [18, 16])
def test_the_title_of_the_contents_on_a_cover_is_a_heading(size: int) -> None:
    manual = Manual()
    manual.line("Nordo 5", 30)
    manual.line("For rooms of up to twenty square metres")
    manual.line("Contents", size)
    for number, title in enumerate(CHAPTERS, 2):
        manual.line(f"{title} {'. ' * 40}{number}")
    for title in CHAPTERS:
        manual.page()
        manual.mark(title, 0)
        manual.line(title, 18)
        manual.line("The heater warms rooms of up to twenty square metres.")

    assert "Contents" in [title for _, title in manual.headings()]


def test_a_page_that_is_all_of_a_manual_is_no_cover() -> None:
    manual = Manual()
    manual.line("Nordo 5", 30)
    for title in CHAPTERS:
        manual.line(title, 18)
        manual.line("The heater warms rooms of up to twenty square metres.")

    assert manual.headings() == [(1, "Nordo 5"), (2, "Safety"), (2, "Operation")]
