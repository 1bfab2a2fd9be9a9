"""The title of a plain text, which has no metadata: its name is that of the file only if it says none."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_core.documents import read_document
from qa_core.types import ParsedManual

NUMBERED = """
Beats eggs and cream.

1. SETUP
========

1.1 Cable
---------

Plug it in.

2. USE
======

Turn it on.
"""
PLAIN = """
Beats eggs.

Setup
=====

Cable
-----

Plug it in.

Use
===

Turn it on.
"""


def parse(folder: Path, text: str) -> ParsedManual:
    path = folder / "README.TXT"
    path.write_text(text)
    return read_document(path, folder)


@pytest.mark.parametrize("chapters", [NUMBERED, PLAIN])
@pytest.mark.parametrize(
    "banner",
    [
        "Beato 4 mixer\n",
        "Beato 4 mixer\n=============\n",
        "**************************\n      Beato 4 mixer\n**************************\n",
        "**************************\n*     Beato 4 mixer      *\n**************************\n",
        "+------------------------+\n|     Beato 4 mixer      |\n+------------------------+\n",
        "┌────────────────────────┐\n│     Beato 4 mixer      │\n└────────────────────────┘\n",
        "                 Beato 4 mixer\n",
    ],
)
def test_a_banner_or_a_heading_above_the_chapters_is_the_title(
    tmp_path: Path, banner: str, chapters: str
) -> None:
    parsed = parse(tmp_path, banner + chapters)

    assert parsed.manual.title == "Beato 4 mixer"
    paths = [section.heading_path for section in parsed.sections]
    assert paths[0] == ("Beato 4 mixer",)
    assert [len(path) for path in paths] == [1, 1, 2, 1]


def test_a_title_in_capitals_stands_above_chapters_in_capitals(tmp_path: Path) -> None:
    text = "BEATO 4 MIXER\n\n1. SETUP\n\nPlug it in.\n\n2. USE\n\nTurn it on.\n"

    assert parse(tmp_path, text).manual.title == "BEATO 4 MIXER"


def test_the_only_heading_is_the_title_where_it_comes_first(tmp_path: Path) -> None:
    title = "Beato 4 mixer\n=============\n"

    assert parse(tmp_path, f"{title}\nBeats eggs.\n").manual.title == "Beato 4 mixer"
    assert parse(tmp_path, f"Beats eggs.\n\n{title}\nPlug it in.\n").manual.title == "README"


def test_the_contents_may_stand_between_a_title_and_the_chapters(tmp_path: Path) -> None:
    text = f"Beato 4 mixer\n=============\n\nCONTENTS\n\n1. SETUP .... 1\n2. USE ...... 1\n{NUMBERED}"

    assert parse(tmp_path, text).manual.title == "Beato 4 mixer"


def test_what_is_centred_below_a_title_stays_text(tmp_path: Path) -> None:
    parsed = parse(tmp_path, f"          Beato 4 mixer\n     Version 4.1   June 1996\n{NUMBERED}")

    assert parsed.manual.title == "Beato 4 mixer"
    assert parsed.sections[0].text == "Version 4.1 June 1996\nBeats eggs and cream."


@pytest.mark.parametrize("chapters", [NUMBERED, PLAIN])
@pytest.mark.parametrize(
    "first",
    [
        "INTRODUCTION\n",
        "Introduction\n============\n",
        "Version 4.1\n",
        "Product: Beato 4\n",
        "Dear customer,\n",
        "1. UNPACKING\n============\n",
        "- Beato 4 mixer\n",
        "The mixer beats eggs,\ncream and dough\n",
        "     The mixer beats eggs and\n     cream as long as you like\n",
        "+-----+-------+\n| Lid | Cover |\n+-----+-------+\n",
    ],
)
def test_other_lines_in_front_are_no_title(tmp_path: Path, first: str, chapters: str) -> None:
    assert parse(tmp_path, first + chapters).manual.title == "README"


def test_a_line_above_a_single_heading_or_none_is_no_title(tmp_path: Path) -> None:
    for text in ("Hello all\n\nIt is off today.\n", "Hello all\n\nToday\n=====\n\nIt is off.\n"):
        assert parse(tmp_path, text).manual.title == "README"
