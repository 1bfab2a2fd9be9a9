"""Tables with horizontal rules alone, as LaTeX, CSS and word processors set them."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Sequence
from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

Rows = Sequence[Sequence[str]]
INTRO = "Keep this manual, and hand it on to the next owner together with the unit and all of it."
LEFT, RIGHT = 60.0, 340.0


def lines(
    rows: Rows,
    xs: Sequence[float],
    rules: Sequence[int],
    names: Sequence[tuple[int, float, float]] = (),
    right_aligned: bool = False,
) -> list[str]:
    """What is read of a table with rules in front of those rows; a `names` rule is shorter."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(420, 600))
    canvas.setFont("Helvetica", 10)
    canvas.drawString(LEFT, 520, INTRO)
    for i, row in enumerate(rows):
        for x, text in zip(xs, row, strict=True):
            draw = canvas.drawRightString if right_aligned and x != xs[0] else canvas.drawString
            draw(x, 480 - 13 * i, text)
    for i in rules:
        canvas.line(LEFT - 4, 490 - 13 * i, RIGHT, 490 - 13 * i)
    for i, x0, x1 in names:
        canvas.line(x0, 490 - 13 * i, x1, 490 - 13 * i)
    canvas.drawString(LEFT, 480 - 13 * len(rows) - 20, "Go on with the next chapter.")
    canvas.showPage()
    canvas.save()
    blocks = read_pdf(buffer.getvalue()).blocks
    read = [f"# {block.text}" if isinstance(block, Heading) else str(block) for block in blocks]
    assert (read[0], read[-1]) == (INTRO, "Go on with the next chapter.")
    return read[1:-1]


VALUES = [
    ["Quantity", "Symbol", "Lowest", "Highest"],
    ["Supply voltage", "U", "210 V", "250 V"],
    ["Motor current", "I", "0.9 A", "1.4 A"],
    ["Pressure", "p", "1.5 bar", "6 bar"],
]
READ = [
    "Quantity: Supply voltage | Symbol: U | Lowest: 210 V | Highest: 250 V",
    "Quantity: Motor current | Symbol: I | Lowest: 0.9 A | Highest: 1.4 A",
    "Quantity: Pressure | Symbol: p | Lowest: 1.5 bar | Highest: 6 bar",
]


@pytest.mark.parametrize(("xs", "right"), [((60, 138, 184, 230), False), ((60, 172, 214, 258), True)])
def test_names_between_two_rules_head_the_columns_however_narrow_the_gaps(
    xs: Sequence[float], right: bool
) -> None:
    assert lines(VALUES, xs, rules=(0, 1, 4), right_aligned=right) == READ
    assert lines(VALUES, xs, rules=(0, 1, 3, 4), right_aligned=right) == READ


def test_a_name_over_a_rule_of_its_own_is_one_of_several_columns() -> None:
    rows = [
        ["Model", "Pressure", "", "Flow"],
        ["", "low", "high", ""],
        ["A100", "1.5 bar", "6 bar", "12 l/min"],
        ["B200", "2.5 bar", "8 bar", "20 l/min"],
    ]
    assert lines(rows, (60, 120, 170, 220), rules=(0, 2, 4), names=[(1, 118, 200)]) == [
        "Model: A100 | Pressure / low: 1.5 bar | Pressure / high: 6 bar | Flow: 12 l/min",
        "Model: B200 | Pressure / low: 2.5 bar | Pressure / high: 8 bar | Flow: 20 l/min",
    ]


FAULTS = [
    ["Fault", "Cause", "Remedy"],
    ["The pump does not", "No voltage or the", "Check the fuse, then"],
    ["run at all", "float has stuck", "free the float"],
    ["Lamp is dark", "No voltage", "Check the fuse"],
    ["No water", "Well is dry", "Wait, or call the"],
    ["", "", "Dealer"],
]


@pytest.mark.parametrize("rules", [(0, 1, 3, 4, 6), (1, 3, 4, 6), (1, 3, 4)])
def test_a_rule_below_each_row_tells_what_one_row_is(rules: Sequence[int]) -> None:
    assert lines(FAULTS, (60, 152, 240), rules) == [
        "Fault: The pump does not run at all | Cause: No voltage or the float has stuck"
        " | Remedy: Check the fuse, then free the float",
        "Fault: Lamp is dark | Cause: No voltage | Remedy: Check the fuse",
        "Fault: No water | Cause: Well is dry | Remedy: Wait, or call the Dealer",
    ]


def test_a_lone_line_between_rules_is_the_title_of_rows() -> None:
    rows = [*FAULTS[:1], ["In winter", "", ""], *FAULTS[3:5], ["In summer", "", ""], *FAULTS[3:5]]
    assert lines(rows, (60, 152, 240), rules=range(9))[:3] == [
        "In winter",
        "Fault: Lamp is dark | Cause: No voltage | Remedy: Check the fuse",
        "Fault: No water | Cause: Well is dry | Remedy: Wait, or call the",
    ]


def test_names_and_values_between_rules_have_no_head() -> None:
    rows = [["Power", "2000 W"], ["Flow rate", "3 to 8 l/min"], ["Noise", "41 dB"]]
    assert lines(rows, (60, 160), rules=range(4)) == [
        "Power | 2000 W",
        "Flow rate | 3 to 8 l/min",
        "Noise | 41 dB",
    ]


def test_text_between_rules_is_no_table() -> None:
    rows = [["NOTICE"], ["A pump that runs dry is ruined."], ["It is not covered by the warranty."]]
    assert not any("|" in line for line in lines(rows, (60,), rules=(0, 1, 3)))


def test_rows_under_titles_with_rules_are_no_names() -> None:
    rows = [["Power", ""], ["Voltage", "230 V"], ["Noise", ""], ["At night", "41 dB"], ["Size", ""]]
    assert not any(":" in line for line in lines([*rows, ["Width", "60 cm"]], (60, 160), rules=(1, 3, 5)))


PROSE = (
    "The pump is set on a firm and level base near the well, and it is held with four bolts. The pipe has to"
    " rise to the pump all the way. Before the first start fill the housing with clear water through the"
    " opening on its top until no more bubbles rise. Then close it again by hand, and switch the pump on."
)


@pytest.mark.parametrize(("width", "right"), [(22, 160), (26, 170), (30, 200), (34, 220)])
def test_columns_of_prose_between_rules_are_no_table(width: int, right: float) -> None:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(420, 600))
    canvas.setFont("Helvetica-Bold", 11)
    for x, title in ((40, "Lid"), (right, "Tank")):
        canvas.drawString(x, 540, title)
    canvas.setFont("Helvetica", 10)
    for y in (554, 534, 290):
        canvas.line(40, y, 380, y)
    for x, text in ((40, PROSE), (right, f"Now {PROSE}")):
        for i, line in enumerate(textwrap.wrap(text, width)):
            canvas.drawString(x, 522 - 12 * i, line)
    canvas.save()
    blocks = read_pdf(buffer.getvalue()).blocks
    assert [block.text for block in blocks if isinstance(block, Heading)] == ["Lid", "Tank"]
    read = " ".join(str(block) for block in blocks if not isinstance(block, Heading))
    assert read == f"{PROSE} Now {PROSE}"


def test_sentences_in_all_columns_are_a_table() -> None:
    rows = [
        ["Fault", "Remedy"],
        ["Pump does not run", "Check the fuse"],
        ["Lamp does not light", "Change the lamp"],
        ["Water does not flow", "Open the valve"],
        ["Motor is too hot", "Let it cool down"],
    ]
    assert lines(rows, (60, 160), rules=(0, 1, 5)) == [f"Fault: {a} | Remedy: {b}" for a, b in rows[1:]]


def test_dense_pages_with_a_rule_below_each_row_are_read_at_once() -> None:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(420, 600))
    for _ in range(8):
        canvas.setFont("Helvetica", 3)
        for i in range(150):
            for j in range(10):
                canvas.drawString(40 + 34 * j, 590 - 3.8 * i, f"a{j}")
            canvas.line(40, 589 - 3.8 * i, 380, 589 - 3.8 * i)
        canvas.showPage()
    canvas.save()
    started = time.process_time()
    assert len(read_pdf(buffer.getvalue()).blocks) == 8 * 120
    assert time.process_time() - started < 5
