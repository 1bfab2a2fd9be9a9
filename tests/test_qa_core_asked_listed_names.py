"""Switches, files and keys that a product's tables list."""

from __future__ import annotations

import pytest

from qa_core.asked.listed_names import ListedNames

TABLES = (
    "Switches\nSwitch: /D:n | Effect: drive\nSwitch: /QUIET | Effect: no sound\nSwitch: /R | Effect: resume",
    "Files\nFile: COPA.EXE | Purpose: the program\nFile: COPASET.EXE | Purpose: setup\n"
    "File: CONV.EXE | Purpose: converts\nFile: COPA.INI | Purpose: settings",
    "Keys\nAlt-D | dial\nAlt-H | hang up\nAlt-X | leave",
    "Start with COPA /SAFE. Write --fast for speed, and/or read HELP.TXT.",
)


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("what does /Z do", True),
        ("copa switch /quick", True),
        ("what is COPANET.EXE for", True),
        ("what does alt+q do", True),
        ("copa /quiet", False),
        ("copa with /d:2", False),
        ("copa /safe", False),  # which a sentence has
        ("/Z or /R", False),  # one of them is there
        ("copanet.ini", False),  # of one file there is no list
        ("what does --slow do", False),
        ("ctrl-q", False),
        ("colour and/or size, km/h", False),
    ],
)
def test_a_name_is_lacking_where_others_like_it_are_listed(question: str, is_lacking: bool) -> None:
    assert ListedNames(TABLES).lack(question) is is_lacking
