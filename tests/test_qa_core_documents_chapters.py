"""Chapters whose number stands above their title."""

from __future__ import annotations

import pytest

from qa_core.documents import read_content
from qa_core.documents.blocks import Block, Heading, Line
from qa_core.documents.chapters import with_titled_chapters

TEXT = Line("paragraph", "Wash it.")


def titled(*blocks: Block) -> list[Block]:
    return list(with_titled_chapters(blocks))


@pytest.mark.parametrize(
    "title", [Heading(1, "Safety"), Heading(2, "Safety"), Heading(3, "Safety"), Line("paragraph", "Safety")]
)
def test_the_number_of_a_chapter_and_its_title_are_one_heading(title: Block) -> None:
    level = min(2, title.level) if isinstance(title, Heading) else 2

    assert titled(Heading(2, "Chapter 1"), title, TEXT) == [Heading(level, "Chapter 1: Safety"), TEXT]


@pytest.mark.parametrize(
    "blocks",
    [
        (Heading(1, "Chapter 1"), Heading(2, "Safety"), TEXT, Heading(2, "Cleaning"), TEXT),  # sections
        (Heading(1, "Chapter 1"), Heading(2, "1.1 Safety"), TEXT),
        (Heading(1, "Part A"), Heading(1, "Chapter 1"), TEXT),
        (Heading(1, "Chapter 1"), Line("step", "Open it", number=1)),
        (Heading(1, "Part list"), Heading(1, "Safety")),
    ],
)
def test_other_headings_stay_apart(blocks: tuple[Block, ...]) -> None:
    assert titled(*blocks) == list(blocks)


@pytest.mark.parametrize("title", ["GETTING STARTED", "Getting started"])
@pytest.mark.parametrize("label", ["CHAPTER 1", "Chapter 1"])
def test_a_plain_text_has_both_lines_as_one_heading(label: str, title: str) -> None:
    text = f"{label}\n{title}\n\nText here. And more.\n"

    assert read_content(text.encode(), ".txt").blocks[0] == Heading(1, f"{label}: {title}")
