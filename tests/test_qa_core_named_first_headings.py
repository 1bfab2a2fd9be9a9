"""What manuals call their product in their first heading."""

from __future__ import annotations

from qa_core.named.first_headings import names_in_first_headings
from qa_core.types import Manual, Passage, Section


def passage(title: str, heading: str) -> Passage:
    manual = Manual(title, "/manuals", f"{title}.md", title, "ovens", None, None, "d")
    return Passage(heading, manual, Section((heading, "Use"), "Bake."), 0, 5)


def test_a_first_heading_that_has_the_title_names_the_manual() -> None:
    passages = [
        passage("Ofenta", "Ofenta and Ofenta Plus"),
        passage("Ofenta", "Ofenta in the kitchen"),  # a later one
        passage("Lumo", "Safety"),
        passage("", "Preface"),
    ]
    assert names_in_first_headings(passages) == {"Ofenta": {"ofenta", "plus"}}
