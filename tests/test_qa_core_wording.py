"""How manuals write a word."""

from __future__ import annotations

from qa_core.types import Manual, Passage, Section
from qa_core.wording import Wording

TEXTS = {
    "a": "Hang up the Borealis lamp. Charging takes an hour.",
    "b": "A lamp that is charged shines at night, as aurora does.",
}
WORDING = Wording(
    [
        Passage(
            f"p{id_}",
            Manual(id_, "/m", f"{id_}.md", id_, id_, None, None, "d"),
            Section(("A",), text),
            0,
            len(text),
        )
        for id_, text in TEXTS.items()
    ]
)


def test_a_word_in_small_letters_may_have_another_ending() -> None:
    assert WORDING.in_small_letters("charging") == {"b"}
    assert WORDING.in_small_letters("aurora") == {"b"}
    assert WORDING.in_small_letters("borealis") == frozenset()


def test_a_name_has_a_capital_inside_a_sentence() -> None:
    assert WORDING.as_a_name("borealis") == {"a"}
    assert WORDING.as_a_name("charging") == frozenset()
