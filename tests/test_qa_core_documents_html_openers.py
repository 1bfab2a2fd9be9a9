"""What opens a part of a page by a click is that part's heading."""

from __future__ import annotations

import pytest

from qa_core.documents.blocks import Heading
from qa_core.documents.html.document import read_html
from qa_core.documents.markdown.document import read_markdown

INTRO = "<h1>Kiln</h1><p>It fires clay.</p><h2>Faults</h2><p>Look here first.</p>"
READ = ["# Kiln", "It fires clay.", "## Faults", "Look here first."]


def lines(body: str) -> list[str]:
    return shown(read_html(f"<html><body>{body}</body></html>").blocks)


def shown(blocks) -> list[str]:
    return ["#" * b.level + " " + b.text if isinstance(b, Heading) else str(b) for b in blocks]


@pytest.mark.parametrize(
    ("opener", "part"),
    [
        ("<details><summary>{}</summary>{}</details>", "<p>{}</p>"),
        ("<details><summary>{}</summary>{}</details>", "{}"),
        (
            '<div class="MCDropDown"><span class="MCDropDownHead dropDownHead"><a href="#" '
            'class="MCDropDownHotSpot">{}</a></span><div class="MCDropDownBody">{}</div></div>',
            "<p>{}</p>",
        ),
        (
            '<div class="schema-faq-section"><strong class="schema-faq-question">{}</strong> {}</div>',
            '<p class="schema-faq-answer">{}</p>',
        ),
        (
            '<div class="item"><div class="accordion-header"><button aria-expanded="false">{}</button></div>'
            '<div class="accordion-collapse">{}</div></div>',
            "<p>{}</p>",
        ),
        ('<button aria-expanded="false">{}</button><div style="display:none">{}</div>', "<p>{}</p>"),
    ],
)
def test_an_opener_heads_its_part_one_level_below_the_last_heading(opener: str, part: str) -> None:
    texts = [("The lid is stuck", "Let it cool."), ("It smells of gas", "Leave the room.")]
    body = "".join(opener.format(title, part.format(text)) for title, text in texts)
    assert lines(INTRO + body) == [
        *(*READ, "### The lid is stuck", "Let it cool."),
        *("### It smells of gas", "Leave the room."),
    ]


def test_steps_that_a_click_opens_are_read_as_one_list() -> None:
    part = "<details><summary>Step {}</summary><p>{}</p></details>"
    body = INTRO + part.format(1, "Fill it.") + part.format(2, "Light it.")
    assert lines(body) == [*READ, "1. Fill it.", "2. Light it."]


def test_a_term_within_a_sentence_heads_nothing() -> None:
    body = '<p>Take the <span class="spoiler-title">grey key</span> out.</p>'
    assert lines(INTRO + body) == [*READ, "Take the grey key out."]


def test_text_behind_an_opened_part_stands_under_the_heading_around_it() -> None:
    part = "<details><summary>How to mix glaze</summary><p>Stir it.</p></details>"
    assert lines(f"{INTRO}{part}<p>Then fire it.</p><h2>Care</h2><p>Dust it.</p>") == [
        *(*READ, "### How to mix glaze", "Stir it.", "## Faults", "Then fire it."),
        *("## Care", "Dust it."),
    ]


def test_headings_and_openers_in_an_opened_part_stand_below_it() -> None:
    inner = "<details><summary>Lamp 2 blinks</summary>Wait.</details>"
    part = f"<details><summary>Lamps of the panel</summary><h3>Colours</h3><p>Red.</p>{inner}</details>"
    assert lines(INTRO + part) == [
        *(*READ, "### Lamps of the panel", "#### Colours", "Red.", "##### Lamp 2 blinks", "Wait.")
    ]


@pytest.mark.parametrize("label", ["Show details", "Click to expand the list", "More", "Example", "Note"])
def test_an_opener_that_does_not_say_what_it_opens_is_no_heading(label: str) -> None:
    text = lines(f"{INTRO}<details><summary>{label}</summary><p>Stir it.</p></details>")
    assert [line for line in text if line.startswith("#")] == ["# Kiln", "## Faults"]
    assert text[-1] == "Stir it."


def test_a_note_that_a_click_opens_and_an_opener_in_a_list_are_no_headings() -> None:
    note = '<details class="note"><summary>Thin clay</summary><p>Fire it slowly.</p></details>'
    item = "<ul><li>Shelf<details><summary>Sizes of it</summary>40 cm</details></li></ul>"
    assert lines(INTRO + note + item)[4:] == ["Thin clay", "Fire it slowly.", "- Shelf Sizes of it 40 cm"]


def test_a_summary_in_markdown_heads_what_it_opens() -> None:
    text = (
        "# Kiln\n\nIt fires clay.\n\n## Faults\n\nLook here first.\n\n"
        "<details>\n<summary>The lid is stuck</summary>\n\nLet it cool.\n\n</details>\n"
    )
    assert shown(read_markdown(text).blocks) == [*READ, "### The lid is stuck", "Let it cool."]
