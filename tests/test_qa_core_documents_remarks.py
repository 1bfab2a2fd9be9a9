"""Signal words that stand apart from their text."""

from __future__ import annotations

import pytest

from qa_core.documents.blocks import Block, Heading, Line
from qa_core.documents.remarks import with_led_remarks


def led(*blocks: Block) -> list[str]:
    return [block.text for block in with_led_remarks(blocks)]


@pytest.mark.parametrize("title", ["WARNING", "WARNING:", "WARNING!", "⚠ WARNING", "! WARNING"])
def test_a_signal_word_alone_leads_the_paragraph_below(title: str) -> None:
    blocks = (Line("paragraph", title), Line("paragraph", "Hot."), Line("paragraph", "Wait."))

    assert led(*blocks) == ["WARNING: Hot.", "Wait."]


def test_the_paragraph_keeps_its_level_and_page() -> None:
    blocks = (Line("bullet", "Note", page=3), Line("paragraph", "Hot.", level=1, page=4))

    assert list(with_led_remarks(blocks)) == [Line("paragraph", "Note: Hot.", level=1, page=4)]


@pytest.mark.parametrize(
    "blocks",
    [
        (Line("paragraph", "WARNING"), Line("bullet", "Hot.")),
        (Line("paragraph", "WARNING"), Heading(1, "Cleaning")),
        (Line("paragraph", "Tip"), Line("paragraph", "Note"), Line("bullet", "Hot.")),
        (Line("bullet", "Tip"), Line("bullet", "Note"), Line("paragraph", "These are the signs.")),
        (Heading(1, "Warning"), Line("paragraph", "Hot.")),
        (Line("paragraph", "Warning lights"), Line("paragraph", "They are red.")),
    ],
)
def test_other_texts_stay_apart(blocks: tuple[Block, ...]) -> None:
    assert led(*blocks) == [block.text for block in blocks]
