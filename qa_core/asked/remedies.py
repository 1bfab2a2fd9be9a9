"""What is to be done about a fault: the cell of its row below "Action", "Remedy" or "What to do"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa_core.asked.row_cells import cells_within

_TO_DO = re.compile(
    r"\bwhat (?:can|do|does|must|should) \w+ (?:choose|do|try)\b|\bwhat to (?:choose|do|try)\b"
    r"|\b(?:clear|fix|help|remed|reset|solution|solv)|\bget rid\b",
    re.IGNORECASE,
)
_MEANING = re.compile(r"\b(?:cause|mean|reason|why\b)|\bwhat(?:['’]s| is)\b(?! (?:the|to)\b)", re.IGNORECASE)
_COLUMN = re.compile(
    r"(?:corrective |first |possible |recommended |required |suggested |your )*"
    r"(?:actions?|corrections?|do this|fix|help|(?:counter)?measures?|remed(?:y|ies)|solutions?"
    r"|what (?:helps|to do|(?:you )?(?:can|must|should) (?:you )?do))(?: (?:required|needed|to take))?",
    re.IGNORECASE,
)


def asks_what_to_do(question: str) -> bool:
    """Whether a question asks what is to be done about something."""
    return _TO_DO.search(question) is not None


def asks_for_meaning(question: str) -> bool:
    """Whether a question asks what something means or comes from, be it beside other things."""
    return _MEANING.search(question) is not None


def remedies_in(text: str, rows: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Where these rows, `text[start:end]`, tell what is to be done; a dash alone tells nothing."""
    cells = (cell for row in rows for cell in cells_within(text, *row)[1:])
    return tuple(
        (cell.value, cell.end)
        for cell in cells
        if _COLUMN.fullmatch(cell.name(text) or "") and any(map(str.isalnum, text[cell.value : cell.end]))
    )
