"""Numbers of steps that leave no room behind them."""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.pdf.document import read_pdf


def lines(rows: list[tuple[str, str]]) -> list[str]:
    """What is read of rows with a mark each, and a text at the same indent."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(420, 600))
    canvas.setFont("Helvetica", 10)
    for at, (mark, text) in enumerate(rows):
        canvas.drawString(40, 500 - 12 * at, mark)
        canvas.drawString(55, 500 - 12 * at, text)
    canvas.save()
    return [str(block) for block in read_pdf(buffer.getvalue()).blocks]


def test_the_tenth_step_may_fill_its_indent() -> None:
    rows = [(f"{number}.", f"Grease wheel {number} of the winch") for number in range(8, 13)]

    assert lines(rows) == [" ".join(row) for row in rows]


def test_what_counts_on_in_no_list_stays_a_word() -> None:
    assert lines([("8.", "Grease wheel 8 of the winch"), ("10.", "Xeno wheel")]) == [
        "8. Grease wheel 8 of the winch 10.Xeno wheel"
    ]
