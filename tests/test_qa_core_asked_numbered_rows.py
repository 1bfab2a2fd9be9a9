"""What questions number or count that no row of a table has."""

from __future__ import annotations

import time

import pytest

from qa_core.asked.codes import Codes
from qa_core.asked.numbered_rows import NumberedRows
from qa_core.asked.written_codes import WrittenCodes

SWITCH = (
    "Position: 0 | Mode: off\nPosition: 1 | Mode: slow\nPosition: 2 | Mode: fast\nPosition: 5 | Mode: test"
)
FLASHES = (
    "Flashes: 1 | Cause: no oil\nFlashes: 2 | Cause: too hot\nFlashes: 3 - 4 | Cause: dry\n"
    "After a reset it flashes nine times."
)
BEEPS = "Signal: one beep | on\nSignal: two beeps | off\nSignal: three beeps | set\nSignal: five beeps | jam"
LEVELS = "Level: 1 | Weight: 5 kg\nLevel: 3 | Weight: 9 kg\nLevel: 5 | Weight: 14 kg"
PORTS = "Port: 1 | Use: pump\nPort: 2 | Use: fan\nPort: 3 | Use: lamp\nPort: 4 or more | Use: any"
ERRORS = "Error: 1 | Cause: no oil\nError: 2 | Cause: too hot\nError: 3 | Cause: dry"
TEXTS = (SWITCH, FLASHES, BEEPS, LEVELS, PORTS, ERRORS)


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("switch on position 7", True),
        ("what is position no. 4", True),
        ("what does position 5 do", False),
        ("position 4 or position 1", False),  # one of them is there
        ("positions 7 mm apart", False),
        ("position 7.5", False),
        ("8 red flashes", True),
        ("the lamp flashes red 7 times", True),
        ("seven flashes", True),
        ("it flashes 3 times", False),
        ("9 flashes", False),  # which a sentence tells
        ("six beeps", True),
        ("4 short beeps", True),
        ("5 beeps", False),
        ("level 4", False),  # between others
        ("port 9", False),
        ("error 4 times in 5 minutes", False),
        ("how many positions are there", False),
        ("the 12 position switch", False),
    ],
)
def test_a_number_is_lacking_where_rows_are_numbered_throughout(question: str, is_lacking: bool) -> None:
    assert NumberedRows(TEXTS).lack(question) is is_lacking
    passages = [("Data", text) for text in TEXTS]
    assert Codes("Kelm", ["Kelm"], passages, WrittenCodes(passages)).lack(question) is is_lacking


def test_a_word_as_long_as_a_page_takes_no_time() -> None:
    start = time.perf_counter()
    assert not NumberedRows((SWITCH, "a" * 50_000)).lack("position 1")
    assert time.perf_counter() - start < 1
