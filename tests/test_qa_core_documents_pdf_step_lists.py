"""Lists of steps that stand beside each other, on a page and in the cells of a grid."""

from __future__ import annotations

from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents.panels import step_lists
from qa_core.documents.pdf.document import read_pdf

Text = tuple[float, float, str]  # x, y, text

ABOVE = "Both jobs are done with the kettle cold and unplugged, and take no more than ten minutes"
BELOW = "Then fill the kettle and boil it once."
TITLES: list[Text] = [(40, 700, "Descaling"), (300, 700, "Changing the gasket")]
LEFT: list[Text] = [
    *[(40, 684, "1."), (55, 684, "Pour in vinegar up to the mark at")],
    *[(55, 672, "the inner wall"), (40, 658, "2."), (55, 658, "Let it stand.")],
]
RIGHT: list[Text] = [
    *[(300, 684, "1."), (315, 684, "Unscrew the lid")],
    *[(300, 669, "2."), (315, 669, "Pull the gasket out of its"), (315, 657, "groove")],
    *[(300, 642, "3."), (315, 642, "Press the new one in")],
]


def lines(texts: list[Text], *, is_ruled: bool = False) -> list[str]:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(600, 800))
    canvas.setFont("Helvetica", 10)
    for x, y, text in [(40, 740, ABOVE), *texts, (40, 610, BELOW)]:
        canvas.drawString(x, y, text)
    if is_ruled:
        canvas.grid([35, 295, 560], [715, 630])
    canvas.save()
    return [str(block) for block in read_pdf(buffer.getvalue()).blocks]


@pytest.mark.parametrize("is_ruled", [True, False])
def test_lists_beside_each_other_are_read_one_after_the_other(is_ruled: bool) -> None:
    assert lines([*TITLES, *LEFT, *RIGHT], is_ruled=is_ruled) == [
        ABOVE,
        "Descaling",
        "1. Pour in vinegar up to the mark at the inner wall",
        "2. Let it stand.",
        "Changing the gasket",
        "1. Unscrew the lid",
        "2. Pull the gasket out of its groove",
        "3. Press the new one in",
        BELOW,
    ]


def test_a_list_may_go_on_beside_itself() -> None:
    texts: list[Text] = [(40, 684, "1. Open it"), (300, 684, "3. Close it")]
    texts += [(40, 670, "2. Fill it"), (300, 670, "4. Boil it")]

    assert lines(texts)[1:-1] == ["1. Open it", "2. Fill it", "3. Close it", "4. Boil it"]


def test_what_stands_below_the_lists_is_in_none() -> None:
    texts = [*LEFT, *RIGHT[:4], (40.0, 644.0, "Dry it.")]

    assert lines(texts)[3:-1] == ["1. Unscrew the lid", "2. Pull the gasket out of its", "Dry it."]


def test_lists_in_cells_may_have_a_row_of_titles_or_each_its_own() -> None:
    steps = ["1. Open it 2. Fill it", "1) Close it 2) Boil it"]
    read = ["Filling", "1. Open it", "2. Fill it", "Boiling", "1. Close it", "2. Boil it"]
    titled = [f"{title} {text}" for title, text in zip(("Filling", "Boiling"), steps, strict=True)]

    assert [str(line) for line in step_lists([["Filling", "Boiling"], steps])] == read
    assert [str(line) for line in step_lists([titled, titled])] == read * 2


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["Cause", "Remedy"],
            ["1. Fuse 2. Lamp", "1. Swap it 2. Turn it"],
            ["1. Lid 2. Leg", "1. Go 2. Wait"],
        ],
        [["No light", "1. Swap the lamp 2. Wait"]],  # a name and its remedies
        [["1. Swap the lamp 2. Wait"]],
        [["1. Swap the lamp", "1. Wait"]],
        [["Fuse 1.5 A", "Fuse 2.5 A"]],
        [],
    ],
)
def test_other_cells_are_no_lists(rows: list[list[str]]) -> None:
    assert step_lists(rows) == []
