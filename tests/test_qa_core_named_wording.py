"""How manuals write a word."""

from __future__ import annotations

from qa_core.named.wording import Wording
from qa_core.types import Manual, Passage, Section

TEXTS = {
    "a": "Hang up the Borealis lamp. Charging takes an hour. See www.veldor.example.",
    "b": "A lamp that is charged shines at night, as aurora and the NL 40 do.",
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
    assert WORDING.in_small_letters("veldor") == frozenset()  # as an address has it


def test_a_code_may_be_written_in_any_way() -> None:
    assert WORDING.in_any_case("nl-40") == WORDING.in_any_case("nl40") == {"b"}
    assert WORDING.in_any_case("nl-4") == frozenset()


def test_a_name_has_a_capital_inside_a_sentence() -> None:
    assert WORDING.as_a_name("borealis") == {"a"}
    assert WORDING.as_a_name("charging") == frozenset()
