"""Text that is turned: pages set sideways, heads of tables that run upwards, margins and watermarks."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.pdf.document import read_pdf

WIDTH, HEIGHT = 500, 800
Draw = Callable[[Canvas], None]


def lines(*draws: Draw) -> list[str]:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    for draw in draws:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return [str(block) for block in read_pdf(buffer.getvalue()).blocks]


def _grid(canvas: Canvas, y: float) -> None:
    for x in (60, 160, 200, 240):
        canvas.line(x, y, x, y - 100)
    for at in (0, 60, 80, 100):
        canvas.line(60, y - at, 240, y - at)
    for row, cells in enumerate((("DX-40", "yes", "no"), ("DX-42", "yes", "yes"))):
        for x, text in zip((64, 164, 204), cells, strict=True):
            canvas.drawString(x, y - 75 - 20 * row, text)


def _upwards(canvas: Canvas, x: float, y: float, text: str, angle: float = 90) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(angle)
    canvas.drawString(0, 0, text)
    canvas.restoreState()


@pytest.mark.parametrize("angle", [90, -90])
def test_a_page_that_is_set_sideways_is_read(angle: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(*((WIDTH, 0) if angle > 0 else (0, HEIGHT)))
        canvas.rotate(angle)
        canvas.drawString(60, 400, "The display tells what is the matter with the pump.")
        for x in (60, 160, 300):
            canvas.line(x, 380, x, 320)
        for row, cells in enumerate((("Code", "Meaning"), ("P-1", "Well is dry"), ("P-2", "Pump is hot"))):
            canvas.line(60, 380 - 20 * row, 300, 380 - 20 * row)
            for x, text in zip((64, 164), cells, strict=True):
                canvas.drawString(x, 366 - 20 * row, text)
        canvas.line(60, 320, 300, 320)

    assert lines(draw) == [
        "The display tells what is the matter with the pump.",
        *("Code: P-1 | Meaning: Well is dry", "Code: P-2 | Meaning: Pump is hot"),
    ]


def test_the_head_of_a_table_may_run_upwards() -> None:
    def draw(canvas: Canvas) -> None:
        _grid(canvas, 700)
        canvas.drawString(64, 650, "Model")
        _upwards(canvas, 184, 645, "Child lock")
        _upwards(canvas, 224, 645, "Lamp")

    assert lines(draw) == [
        "Model: DX-40 | Child lock: yes | Lamp: no",
        "Model: DX-42 | Child lock: yes | Lamp: yes",
    ]


def test_a_table_with_long_heads_that_run_upwards_is_upright() -> None:
    def draw(canvas: Canvas) -> None:
        _grid(canvas, 700)
        canvas.drawString(64, 650, "Model")
        _upwards(canvas, 184, 641, "Child lock of the door")
        _upwards(canvas, 224, 641, "Lamp inside the drum")

    assert lines(draw)[0] == "Model: DX-40 | Child lock of the door: yes | Lamp inside the drum: no"


@pytest.mark.parametrize("box", [(0, 0, WIDTH, HEIGHT), (40, 90, WIDTH + 40, HEIGHT + 90)])
@pytest.mark.parametrize("angle", [90, -90, 180])
def test_turned_text_is_read_wherever_its_page_begins(angle: int, box: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = box
    corners = {90: (x1, y0), -90: (x0, y1), 180: (x1, y1)}
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    canvas.translate(*corners[angle])
    canvas.rotate(angle)
    canvas.drawString(60, 400, "Press the key and hold it")
    canvas.drawString(60, 388, "until the lamp lights up.")
    canvas.save()
    data = buffer.getvalue().replace(b"0 0 %d %d" % (WIDTH, HEIGHT), b"%d %d %d %d" % box)

    assert [str(block) for block in read_pdf(data).blocks] == [
        "Press the key and hold it until the lamp lights up."
    ]


def test_neither_margins_nor_watermarks_run_into_the_text() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Press the key and hold it")
        canvas.drawString(60, 688, "until the lamp lights up.")
        _upwards(canvas, 30, 640, "Service manual, revision C")
        _upwards(canvas, 80, 600, "CONFIDENTIAL COPY", angle=50)

    assert lines(draw) == ["Press the key and hold it until the lamp lights up."]


@pytest.mark.parametrize("slant", [-0.2, 0.167, 0.25, 0.333])
def test_letters_that_only_slant_are_read(slant: float) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 740, "Charge the battery before winter.")
        text = canvas.beginText()
        text.setTextTransform(1, 0, slant, 1, 60, 700)
        text.textOut("Never charge it below 5 degrees.")
        canvas.drawText(text)

    assert lines(draw) == ["Charge the battery before winter.", "Never charge it below 5 degrees."]


def _table_upwards(canvas: Canvas, x: float, y: float, n_rows: int) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(90)
    for edge in (0, 80, 240):
        canvas.line(edge, 0, edge, -20 * n_rows)
    for row in range(n_rows + 1):
        canvas.line(0, -20 * row, 240, -20 * row)
    for row in range(n_rows):
        cells = (f"P-{row}", f"Well number {row} is dry") if row else ("Code", "Meaning")
        for edge, text in zip((4, 84), cells, strict=True):
            canvas.drawString(edge, -14 - 20 * row, text)
    canvas.restoreState()


def test_upright_text_stays_on_a_page_with_a_larger_table_that_is_set_sideways() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 740, "Limits")
        canvas.drawString(60, 720, "The pump has these limits.")
        _table_upwards(canvas, 100, 400, 6)

    assert lines(draw) == [
        *("Limits", "The pump has these limits."),
        *(f"Code: P-{n} | Meaning: Well number {n} is dry" for n in range(1, 6)),
    ]


def test_a_few_turned_words_follow_the_upright_text() -> None:
    def draw(canvas: Canvas) -> None:
        for i in range(4):
            canvas.drawString(
                60, 740 - 12 * i, "Close the valve before the pump is opened, and let it cool down."
            )
        _upwards(canvas, 200, 400, "Pressure in bar")
        _table_upwards(canvas, 300, 400, 2)

    assert lines(draw)[1:] == ["Pressure in bar", "Code | Meaning", "P-1 | Well number 1 is dry"]


def test_turned_text_that_begins_in_the_margin_is_whole() -> None:
    def draw(canvas: Canvas) -> None:
        for i in range(4):
            canvas.drawString(
                70, 740 - 12 * i, "Close the valve before the pump is opened, and let it cool down."
            )
        for i, text in enumerate(("Open the tap before the motor", "is taken out, and let it cool", "down.")):
            _upwards(canvas, 50 + 12 * i, 400, text)

    assert lines(draw)[1:] == ["Open the tap before the motor is taken out, and let it cool down."]
