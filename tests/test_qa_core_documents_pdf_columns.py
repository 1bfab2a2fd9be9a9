"""Tables without ruled lines, as CSS and word processors set them."""

from __future__ import annotations

from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.blocks import Block, Heading
from qa_core.documents.pdf.document import read_pdf

Text = tuple[float, float, str]  # x, y, text; bold if it begins with `*`


def blocks(*pages: list[Text]) -> list[Block]:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(420, 600))
    for page in pages:
        for x, y, text in page:
            canvas.setFont("Helvetica-Bold" if text.startswith("*") else "Helvetica", 9)
            canvas.drawString(x, y, text.lstrip("*"))
        canvas.showPage()
    canvas.save()
    return list(read_pdf(buffer.getvalue()).blocks)


def lines(*pages: list[Text]) -> list[str]:
    return [f"# {b.text}" if isinstance(b, Heading) else str(b) for b in blocks(*pages)]


PROSE: list[Text] = [
    (40, 520, "Keep this manual, and hand it on to the next owner together with the unit and all of its"),
    (40, 509, "accessories. It describes everything that may be done without the help of a technician."),
]


def test_names_and_values_in_two_columns_are_rows() -> None:
    values: list[Text] = [(47, 466, "Power"), (194, 466, "2000 W"), (47, 452, "Flow rate")]
    values += [(194, 452, "3 to 8 l/min"), (47, 438, "Noise"), (194, 438, "41 dB")]
    assert lines([*PROSE, (40, 484, "*Specifications"), *values])[1:] == [
        "# Specifications",
        "Power | 2000 W",
        "Flow rate | 3 to 8 l/min",
        "Noise | 41 dB",
    ]


def test_wrapped_and_centred_cells_are_put_together_under_their_columns() -> None:
    head: list[Text] = [(47, 480, "*Problem"), (105, 480, "*Cause"), (223, 480, "*Remedy")]
    wrapped: list[Text] = [
        *[(47, 466, "No hot"), (105, 466, "Filter blocked by sand"), (223, 466, "Clean the inlet filter as")],
        *[(47, 454, "water"), (105, 454, "from the mains"), (223, 454, "described under Cleaning")],
    ]
    centred: list[Text] = [
        *[(47, 440, "Water too"), (105, 434, "Flow too high"), (223, 434, "Close the tap a little")],
        (47, 428, "cold"),
    ]
    tight: list[Text] = [(47, 414, "The display is"), (105, 414, "No power"), (223, 414, "Check the fuse")]
    assert lines([*PROSE, *head, *wrapped, *centred, *tight])[1:] == [
        "Problem: No hot water | Cause: Filter blocked by sand from the mains"
        " | Remedy: Clean the inlet filter as described under Cleaning",
        "Problem: Water too cold | Cause: Flow too high | Remedy: Close the tap a little",
        "Problem: The display is | Cause: No power | Remedy: Check the fuse",
    ]


def test_columns_that_only_some_rows_tell_hold_for_all() -> None:
    head: list[Text] = [(47, 480, "*Problem"), (105, 480, "*Likely reason"), (172, 480, "*Remedy")]
    rows: list[Text] = [
        *[(47, 466, "No water"), (105, 466, "Closed tap"), (172, 466, "Open the tap")],
        *[(47, 452, "Pump is loud"), (105, 452, "Air in the pipe"), (172, 452, "Bleed the pump")],
    ]
    assert lines([*PROSE, *head, *rows])[1:] == [
        "Problem: No water | Likely reason: Closed tap | Remedy: Open the tap",
        "Problem: Pump is loud | Likely reason: Air in the pipe | Remedy: Bleed the pump",
    ]


def test_the_rest_of_a_cell_may_begin_with_a_capital() -> None:
    head: list[Text] = [(47, 480, "*Problem"), (140, 480, "*Remedy")]
    rows: list[Text] = [
        *[(47, 464, "Nothing happens"), (140, 464, "Check the fuse,"), (47, 453, "when you press")],
        *[(140, 453, "then the plug"), (47, 442, "START")],
        *[(47, 426, "Water is cold"), (140, 426, "Close the tap")],
    ]
    assert lines([*PROSE, *head, *rows])[1:] == [
        "Problem: Nothing happens when you press START | Remedy: Check the fuse, then the plug",
        "Problem: Water is cold | Remedy: Close the tap",
    ]


@pytest.mark.parametrize("spacing", [0, 4])
def test_rows_whose_first_cell_is_empty_are_rows(spacing: int) -> None:
    texts = [("*Menu", "*Item", "*Range"), ("Garden", "Size", "50 to 600"), ("", "Points", "1 to 3")]
    texts += [("", "Width", "0 to 6"), ("Alarm", "Time", "1 to 10")]
    y, placed = 480.0, list(PROSE)
    for row in texts:
        placed += [(x, y, text) for x, text in zip((47, 140, 250), row, strict=True) if text]
        y -= 12 + spacing
        if spacing and row[0] == "Garden":
            placed.append((250, y + spacing, "and more"))
            y -= 12
    more = " and more" if spacing else ""
    assert lines(placed)[1:] == [
        f"Menu: Garden | Item: Size | Range: 50 to 600{more}",
        "Item: Points | Range: 1 to 3",
        "Item: Width | Range: 0 to 6",
        "Menu: Alarm | Item: Time | Range: 1 to 10",
    ]


def test_a_table_without_rules_may_stand_in_one_of_two_columns() -> None:
    left: list[Text] = [(40, 560 - 12 * i, f"This is line {i} of the text on the left") for i in range(20)]
    right: list[Text] = [(230, 560 - 12 * i, f"This is line {i} of the text on the right") for i in range(8)]
    rows = [("*Lamp", "*Meaning"), ("Green", "All is well"), ("Yellow", "Water is low"), ("Red", "No water")]
    table = [(x, 450.0 - 14 * i, row[j]) for i, row in enumerate(rows) for j, x in enumerate((232.0, 300.0))]
    after: list[Text] = [(230, 380 - 12 * i, f"This is line {i} behind the table there") for i in range(6)]
    found = lines([*left, *right, *table, *after])
    assert found[2:5] == [
        "Lamp: Green | Meaning: All is well",
        "Lamp: Yellow | Meaning: Water is low",
        "Lamp: Red | Meaning: No water",
    ]
    assert [text[:14] for text in (found[0], found[1], found[5])] == ["This is line 0"] * 3
    assert found[1].endswith("line 7 of the text on the right")
    assert found[5].endswith("line 5 behind the table there")


def test_wide_markers_and_contents_are_no_tables() -> None:
    assert lines([*PROSE, (47, 490, "1."), (80, 490, "Open it."), (47, 478, "2."), (80, 478, "Close it.")])[
        1:
    ] == ["1. Open it.", "2. Close it."]
    contents = [(47.0, 490.0 - 12 * i, f"Part {i}") for i in range(4)]
    numbers = [(300.0, 490.0 - 12 * i, str(3 * i)) for i in range(4)]
    assert not any("|" in line for line in lines([*PROSE, *contents, *numbers]))


def test_a_running_title_goes_together_with_the_chapter_beside_it() -> None:
    def page(chapter: str) -> list[Text]:
        return [(40, 580, "HydroMax 55"), (330, 580, chapter), (40, 30, "Revision 3"), *PROSE]

    found = lines(page("Installation"), page("Operation"), page("Cleaning"))
    assert len(found) == 3
    assert all(line.startswith("Keep this manual") for line in found)


def test_a_bold_line_over_a_table_at_the_end_of_a_page_is_a_heading() -> None:
    codes = [(47, 470, "*Code"), (120, 470, "*Meaning"), (47, 456, "F-01"), (120, 456, "No water")]
    assert lines([*PROSE, (40, 488, "*Codes"), *codes])[1:] == ["# Codes", "Code: F-01 | Meaning: No water"]


def test_a_list_in_letters_under_a_step_keeps_its_letters() -> None:
    items = ["1. Open both", "   a) the lid", "   b) the door", "2. Close both."]
    xs = [60.0 if text[0] == " " else 40.0 for text in items]
    placed = [(x, 480.0 - 14 * i, items[i].strip()) for i, x in enumerate(xs)]
    assert lines([*PROSE, *placed])[1:] == ["1. Open both", "  a) the lid", "  b) the door", "2. Close both."]


def test_values_that_dots_lead_to_are_rows_and_lists_of_figures_go() -> None:
    values = [("Power", "1500 W"), ("Voltage", "230 V~, 50 Hz"), ("Weight", "7.5 kg")]
    rows: list[Text] = [
        (40, 470 - 12 * at, f"{name} {'.' * (60 - len(name))} {value}")
        for at, (name, value) in enumerate(values)
    ]
    blank: Text = (40, 430, "Serial number ____________________")
    figures: list[Text] = [
        (40, 400 - 12 * at, f"{number} {name} {'. ' * 30}{page}")
        for at, (number, name, page) in enumerate(
            [("1.1", "Front", 3), ("1.2", "Rear", 3), ("2.1", "Grid", 7)]
        )
    ]
    first, second = [(40, 484, "*Data"), *rows, blank], [*PROSE, (40, 414, "*Figures"), *figures]
    found = lines(first, second)
    assert [*found[:4], *found[5:]] == [
        "# Data",
        "Power | 1500 W",
        "Voltage | 230 V~, 50 Hz",
        "Weight | 7.5 kg",
        "# Figures",
    ]
