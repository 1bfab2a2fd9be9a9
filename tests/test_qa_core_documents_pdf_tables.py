"""Ruled tables without a bold head, and tables that go on over a page's end."""

from __future__ import annotations

from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Heading
from qa_core.documents.pdf.document import read_pdf

Rows = list[list[str]]  # a row is bold if its first cell begins with `*`, columns are others with `!`
WIDTHS = {2: (0, 110, 400), 3: (0, 110, 250, 400)}


def lines(*pages: list[str | Rows], shifts: tuple[float, ...] = (0, 0, 0)) -> list[str]:
    """What is read of pages with paragraphs and tables; a page may stand further right than others."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(540, 600))
    for page, shift in zip(pages, shifts, strict=False):
        y = 560.0
        for part in page:
            if isinstance(part, str):
                canvas.setFont("Helvetica", 10)
                canvas.drawString(50 + shift, y, part)
                y -= 24
            else:
                y = _draw(canvas, 50 + shift, y, part) - 24
        canvas.showPage()
    canvas.save()
    blocks = read_pdf(buffer.getvalue()).blocks
    return [f"# {block.text}" if isinstance(block, Heading) else str(block) for block in blocks]


def _draw(canvas: Canvas, left: float, top: float, rows: Rows) -> float:
    is_wide = rows[0][0].startswith("!")
    edges = [left + x for x in ((0, 200, 400) if is_wide else WIDTHS[len(rows[0])])]
    bottom = top - 18 * len(rows)
    for i in range(len(rows) + 1):
        canvas.line(edges[0], top - 18 * i, edges[-1], top - 18 * i)
    for x in edges:
        canvas.line(x, top, x, bottom)
    for i, row in enumerate(rows):
        canvas.setFont("Helvetica-Bold" if row[0].startswith("*") else "Helvetica", 10)
        for text, x in zip(row, edges, strict=False):
            canvas.drawString(x + 4, top - 18 * i - 13, text.lstrip("*!"))
    return bottom


INTRO = "The display tells what is the matter with the pump, and what to do then."


def test_a_plain_first_row_over_codes_names_the_columns() -> None:
    codes = [["Code", "Meaning"], ["P-1", "Well is dry"], ["P-2", "Pump is blocked"]]
    depths = [["Depth", "Litres an hour"], ["2 m", "3600"], ["8 m", "1200"]]
    fuses = [["Fuse No.", "Protects"], ["F1", "Pump"], ["F2", "Lamp"]]
    assert lines([INTRO, codes, "More:", depths, "Fuses:", fuses]) == [
        *(INTRO, "Code: P-1 | Meaning: Well is dry", "Code: P-2 | Meaning: Pump is blocked"),
        *("More:", "Depth: 2 m | Litres an hour: 3600", "Depth: 8 m | Litres an hour: 1200"),
        *("Fuses:", "Fuse No.: F1 | Protects: Pump", "Fuse No.: F2 | Protects: Lamp"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [["Power", "Mains"], ["Voltage", "230 V"], ["Noise", "41 dB"]],
        [["Mode", "Auto"], ["Channel 1", "On"], ["Channel 2", "Off"]],
        [["E-1", "Jam"], ["E-2", "Hot"], ["E-3", "Dry"]],
        [["Off", "Pump stands still"], ["1", "Low speed"], ["2", "High speed"]],
        [["Lo", "Battery is low"], ["E1", "Door open"], ["E2", "No water"]],
    ],
)
def test_names_and_values_have_no_head(rows: Rows) -> None:
    assert lines([INTRO, rows])[1:] == [" | ".join(row) for row in rows]


def test_a_table_without_a_head_goes_on_without_one() -> None:
    first = [["Power", "2000 W"], ["Flow", "8 l/min"]]
    assert lines([INTRO, first], [[["Noise", "41 dB"], ["Weight", "9 kg"]], "End."]) == [
        *(INTRO, "Power | 2000 W", "Flow | 8 l/min", "Noise | 41 dB", "Weight | 9 kg", "End.")
    ]


def test_short_words_with_a_full_stop_may_be_names() -> None:
    rows = [["Value", "Min.", "Max."], ["Flow", "3 l", "8 l"], ["Noise", "30 dB", "41 dB"]]
    assert lines([INTRO, rows])[1:] == [
        *("Value: Flow | Min.: 3 l | Max.: 8 l", "Value: Noise | Min.: 30 dB | Max.: 41 dB")
    ]


@pytest.mark.parametrize("bold", ["", "*"])
def test_column_names_hold_on_all_the_pages_that_a_table_takes(bold: str) -> None:
    head = [f"{bold}Code", f"{bold}Meaning", f"{bold}Remedy"]
    pages: list[list[str | Rows]] = [
        [INTRO, [head, ["E-4", "Jam", "Open it"]]],
        [[["E-5", "Hot", "Wait"], ["E-6", "Dry", "Refill"]]],
        [[head, ["E-7", "Old", "Replace"]], "End."],
    ]
    assert lines(*pages, shifts=(0, 20, 0)) == [
        INTRO,
        "Code: E-4 | Meaning: Jam | Remedy: Open it",
        "Code: E-5 | Meaning: Hot | Remedy: Wait",
        "Code: E-6 | Meaning: Dry | Remedy: Refill",
        "Code: E-7 | Meaning: Old | Remedy: Replace",
        "End.",
    ]


def test_a_row_that_goes_on_over_the_end_of_a_page_is_one_row() -> None:
    head = ["*Code", "*Meaning", "*Remedy"]
    first = [head, ["E-4", "Jam", "Open it"], ["E-5", "The motor is", "Wait until it is"]]
    rest = ["", "too hot", "cold. Clean the fan"]
    read = [
        "Code: E-4 | Meaning: Jam | Remedy: Open it",
        "Code: E-5 | Meaning: The motor is too hot | Remedy: Wait until it is cold. Clean the fan",
    ]
    more = "Code: E-6 | Meaning: Dry | Remedy: Refill"
    assert lines([INTRO, first], [[head, rest, ["E-6", "Dry", "Refill"]]])[1:] == [*read, more]
    assert lines([INTRO, first], [[rest, ["E-6", "Dry", "Refill"]]])[1:] == [*read, more]


def test_rows_at_the_top_of_a_page_that_begin_small_or_without_a_name_stay_rows() -> None:
    head = ["*Name", "*Unit", "*Value"]
    small = [head, ["voltage", "volts", "230"], ["current", "amperes", "5"]]
    assert lines([INTRO, small], [[["power", "watts", "2000"]], "End."])[3:] == [
        *("Name: power | Unit: watts | Value: 2000", "End.")
    ]
    grouped = [head, ["Pump", "watts", "2000"], ["", "amperes", "5"]]
    assert lines([INTRO, grouped], [[["", "volts", "230"], ["Lamp", "watts", "5"]], "End."])[3:] == [
        *("Unit: volts | Value: 230", "Name: Lamp | Unit: watts | Value: 5", "End.")
    ]


@pytest.mark.parametrize(
    ("last", "top"),
    [
        (["Salt", "3000", "4000"], ["pH", "7.0", "7.4"]),
        (["Wool", "30 °C", "1 h"], ["eSport", "40 °C", "3 h"]),
        (["Time", "1 to 9", "how long"], ["mode", "a to c", "which one"]),
        (["Loud", "air in the pipe", "vent it"], ["", "pump worn", "call the dealer"]),
        (["Loud", "Air in pipe", "Vent it"], ["", "bolts loose", "Tighten them"]),
        (["Slow", "Long hose", "Wait"], ["", "about it", "5 minutes"]),
    ],
)
def test_a_row_of_its_own_at_the_top_of_a_page_stays_one(last: list[str], top: list[str]) -> None:
    first = [["*Name", "*Low", "*High"], ["Dry", "Off", "Wait"], last]
    read = lines([INTRO, first], [[top, ["Iron", "None", "All"]], "End."])
    assert read[2] == " | ".join(f"{n}: {t}" for n, t in zip(("Name", "Low", "High"), last, strict=True))
    assert read[3].endswith(" | ".join(f"{n}: {t}" for n, t in zip(("Low", "High"), top[1:], strict=True)))


def test_a_name_that_goes_on_over_the_end_of_a_page_is_one() -> None:
    first = [["*Fault", "*Cause", "*Remedy"], ["Hot", "No air", "Wait"], ["Motor hums", "It is", "Free it"]]
    rest = ["but stands", "stuck", ""]
    assert lines([INTRO, first], [[rest, ["Cold", "No gas", "Fill it"]], "End."])[2:] == [
        "Fault: Motor hums but stands | Cause: It is stuck | Remedy: Free it",
        *("Fault: Cold | Cause: No gas | Remedy: Fill it", "End."),
    ]


def test_a_table_with_a_head_of_its_own_goes_on_with_nothing() -> None:
    codes = [["*Code", "*Meaning"], ["E-4", "Jam"]]
    assert lines([INTRO, codes], [[["*Lamp", "*Meaning"], ["Red", "Hot"]]]) == [
        *(INTRO, "Code: E-4 | Meaning: Jam", "Lamp: Red | Meaning: Hot")
    ]


def test_a_table_with_other_columns_goes_on_with_nothing() -> None:
    codes = [["*Code", "*Meaning"], ["E-4", "Jam"]]
    wide = [["!Noise", "41 dB"], ["Weight", "9 kg"]]
    assert lines([INTRO, codes], [wide])[2:] == ["Noise | 41 dB", "Weight | 9 kg"]


def test_a_table_that_is_bold_throughout_has_no_head_of_many_rows() -> None:
    codes = [["*Code", "*Meaning"], ["*E-1", "*Jam"], ["*E-2", "*Hot"], ["*E-3", "*Dry"]]
    values = [["*Power", "*20 W"], ["*Weight", "*3 kg"], ["*Noise", "*41 dB"]]
    assert lines([INTRO, codes, "More:", values])[1:] == [
        *("Code: E-1 | Meaning: Jam", "Code: E-2 | Meaning: Hot", "Code: E-3 | Meaning: Dry", "More:"),
        *("Power: 20 W", "Weight: 3 kg", "Noise: 41 dB"),
    ]


def _open_table(top: float, rows: Rows, n_ruled: int) -> list[str]:
    """What is read of a table whose last rows have columns, but neither rules between nor one below."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(540, 600))
    bottom = _draw(canvas, 50, top, rows[:n_ruled])
    below = rows[n_ruled:]
    for x in WIDTHS[len(rows[0])]:
        canvas.line(50 + x, bottom, 50 + x, bottom - 18 * len(below))
    canvas.setFont("Helvetica", 10)
    for i, row in enumerate(below):
        for text, x in zip(row, WIDTHS[len(row)], strict=False):
            canvas.drawString(54 + x, bottom - 18 * i - 13, text)
    canvas.save()
    return [str(block) for block in read_pdf(buffer.getvalue()).blocks]


def test_a_row_that_is_cut_at_the_end_of_a_page_is_a_row() -> None:
    rows = [["*Code", "*Meaning", "*Remedy"], ["E-3", "Dry", "Refill"], ["E-4", "Jam", "Open it"]]
    assert _open_table(130, [*rows, ["E-5", "Hot", "Wait for"]], n_ruled=3) == [
        "Code: E-3 | Meaning: Dry | Remedy: Refill",
        "Code: E-4 | Meaning: Jam | Remedy: Open it",
        "Code: E-5 | Meaning: Hot | Remedy: Wait for",
    ]


@pytest.mark.parametrize("top", [560, 130])
def test_rows_without_rules_between_and_below_stay_rows(top: float) -> None:
    rows = [["*Name", "*Value"], ["Power", "5 W"], ["Weight", "2 kg"], ["Length", "3 m"], ["Noise", "9 dB"]]
    assert _open_table(top, rows, n_ruled=1) == [
        *("Name: Power | Value: 5 W", "Name: Weight | Value: 2 kg"),
        *("Name: Length | Value: 3 m", "Name: Noise | Value: 9 dB"),
    ]


def test_a_cell_that_is_no_rectangle_has_its_own_words_alone() -> None:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(540, 600))
    for x0, y0, x1, y1 in (
        *((50, 540, 450, 540), (50, 480, 450, 480), (50, 540, 50, 480), (450, 540, 450, 480)),
        *((250, 540, 250, 510), (250, 510, 450, 510)),
    ):
        canvas.line(x0, y0, x1, y1)
    canvas.setFont("Helvetica", 10)
    for x, y, text in ((60, 520, "Pump"), (260, 520, "Dry"), (60, 490, "Goes on"), (260, 490, "below")):
        canvas.drawString(x, y, text)
    canvas.save()
    blocks = read_pdf(buffer.getvalue()).blocks
    assert " ".join(block.text for block in blocks).count("Dry") == 1


def _boxed(lines_of_cells: Rows, edges: tuple[float, ...], n_head: int = 1) -> list[str]:
    """What is read of a box with ruled columns and one rule below the head, its text line by line."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(540, 600))
    canvas.setFont("Helvetica", 10)
    canvas.drawString(50, 560, INTRO)
    bottom = 530 - 12 * len(lines_of_cells) - 6
    for y in (530, 530 - 12 * n_head - 3, bottom):
        canvas.line(50, y, 50 + edges[-1], y)
    for x in edges:
        canvas.line(50 + x, 530, 50 + x, bottom)
    for i, texts in enumerate(lines_of_cells):
        canvas.setFont("Helvetica-Bold" if i < n_head else "Helvetica", 10)
        for text, x in zip(texts, edges, strict=False):
            canvas.drawString(54 + x, 530 - 12 * (i + 1) - (4 if i >= n_head else 0), text)
    canvas.save()
    return [str(block) for block in read_pdf(buffer.getvalue()).blocks][1:]


def test_rows_of_a_box_are_told_by_their_lines_where_only_its_columns_are_ruled() -> None:
    head = ["Bulb", "For", "Order number"]
    rows = [head, ["H3", "the lamp", "88-1"], ["H5", "the oven", "88-2"], ["H11", "the hood", "88-4"]]
    told = [
        "Bulb: H3 | For: the lamp | Order number: 88-1",
        "Bulb: H5 | For: the oven | Order number: 88-2",
        "Bulb: H11 | For: the hood | Order number: 88-4",
    ]
    assert _boxed(rows, (0, 110, 250, 400)) == told
    assert _boxed(rows, (0, 28, 72, 150)) == told  # as narrow as its texts


def test_a_cell_that_is_wrapped_in_a_box_goes_on_with_its_row() -> None:
    rows = [
        ["Fault", "Remedy"],
        ["Bell stays silent", "Press the key for ten"],
        ["", "seconds."],
        ["Bell rings on", "Let go."],
        ["Lamp is dark", "Change it."],
    ]
    assert _boxed(rows, (0, 110, 222)) == [
        "Fault: Bell stays silent | Remedy: Press the key for ten seconds.",
        "Fault: Bell rings on | Remedy: Let go.",
        "Fault: Lamp is dark | Remedy: Change it.",
    ]


def test_a_box_with_one_row_keeps_it_whole() -> None:
    rows = [
        ["Fault", "Remedy"],
        ["The bell stays", "Press the key"],
        ["silent after", "for ten"],
        ["noon", "s"],
    ]
    assert _boxed(rows, (0, 75, 150)) == [
        "Fault: The bell stays silent after noon | Remedy: Press the key for ten s"
    ]
    names = [["Maker", "Agent"], ["Bell Works", "Bell Traders"], ["Northern", "Company"], ["Land", "Limited"]]
    assert _boxed(names, (0, 65, 138)) == [
        "Maker: Bell Works Northern Land | Agent: Bell Traders Company Limited"
    ]
    parts = [["Upper part", "Lower part"], ["Lid", "Foot"], ["", "Wheel"], ["", "Brake"]]
    assert _boxed(parts, (0, 110, 222)) == ["Upper part: Lid | Lower part: Foot Wheel Brake"]
