"""Lines of a document: what begins a remark, and what is a heading with such a word in it."""

from __future__ import annotations

import re

import pytest

from qa_core.documents.blocks import REMARK, clean


@pytest.mark.parametrize(
    "line", ["Note: Wait.", "WARNING", "Caution!", "Note - wait", "WARNING Hot surface", "Tip"]
)
def test_a_remark_is_told_by_its_word_alone_or_before_a_sign(line: str) -> None:
    assert re.fullmatch(REMARK, line, re.IGNORECASE)


@pytest.mark.parametrize(
    "line",
    [
        "Important safety instructions",
        "IMPORTANT SAFETY INSTRUCTIONS",
        "Warning lights",
        "Notes on disposal",
        "Tip-over protection",
        "Danger zone",
    ],
)
def test_a_heading_may_begin_with_the_word_of_a_remark(line: str) -> None:
    assert re.fullmatch(REMARK, line, re.IGNORECASE) is None


def test_ligatures_and_odd_spaces_become_plain_letters() -> None:
    assert clean("the o\ufb03ce\u00a0\ufb01lter, \ufb02ow and \ufb00") == "the office filter, flow and ff"
