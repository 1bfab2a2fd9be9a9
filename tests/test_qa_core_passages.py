from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.passages import MAX_TOKENS, MIN_TOKENS, split_passages
from qa_core.types import Manual, PageStart, ParsedManual, Passage, Section
from qa_core.units import split_units

MANUAL = Manual("0123456789abcdef", "/manuals", "printer.md", "Printer", "Printer", None, None, "0" * 64)


def count_words(texts: Sequence[str]) -> list[int]:
    """A token is a word; two special ones a text, as in BERT."""
    return [len(text.split()) + 2 for text in texts]


def passages_of(text: str, *heading_path: str) -> tuple[Passage, ...]:
    section = Section(heading_path or ("Printer",), text)
    return split_passages(ParsedManual(MANUAL, (section,)), count_words)


def sentence(n_words: int, first: str = "Word") -> str:
    return " ".join([first] + ["word"] * (n_words - 1)) + "."


def sentences(n: int, n_words: int) -> str:
    """Sentences that differ, for passages with the same text under one heading come once."""
    return " ".join(sentence(n_words, f"Word{i}") for i in range(n))


def lengths(passages: Sequence[Passage]) -> list[int]:
    return [len(passage.text.split()) for passage in passages]


def block(marker: str, first: str, sentence_lengths: Sequence[int]) -> str:
    return marker + " ".join(sentence(n, first) for n in sentence_lengths)


blocks = st.builds(
    block,
    st.sampled_from(["", "- ", "1. ", "  - ", "A: 1 | B: "]),
    st.uuids().map(lambda name: f"W{name.hex}"),
    st.lists(st.integers(1, 90), min_size=1, max_size=6),
)
section_texts = st.lists(blocks, max_size=12).map("\n".join)


def test_a_short_section_is_one_passage() -> None:
    assert [passage.text for passage in passages_of("Turn it on.\n- One\n- Two")] == [
        "Turn it on.\n- One\n- Two"
    ]


def test_a_section_without_text_has_no_passage() -> None:
    assert passages_of("  \n\n") == ()


def test_the_pieces_of_a_section_are_balanced() -> None:
    text = sentences(22, 10)

    assert lengths(passages_of(text)) == [110, 110]


def test_a_list_that_fits_stays_whole_with_its_introduction() -> None:
    steps = "\n".join(f"{i}. {sentence(15)}" for i in range(1, 8))
    text = f"{sentences(2, 60)}\nTo load paper:\n{steps}"

    assert [passage.text.split()[0] for passage in passages_of(text)] == ["Word0", "To"]


def test_a_bullet_stays_with_the_step_above_it() -> None:
    text = f"1. {sentence(99)}\n2. {sentence(20)}\n  - {sentence(99)}"

    assert [passage.text[:3] for passage in passages_of(text)] == ["1. ", "2. "]


def test_rows_are_not_cut() -> None:
    text = "\n".join(f"Code: E-{i} | Meaning: {sentence(20)}" for i in range(40))

    passages = passages_of(text)

    assert all(line.startswith("Code: ") for passage in passages for line in passage.text.split("\n"))
    assert all(MIN_TOKENS <= n <= MAX_TOKENS for n in lengths(passages))


def test_a_step_longer_than_a_passage_is_cut_between_its_sentences() -> None:
    text = "1. " + sentences(10, 30)

    passages = passages_of(text)

    assert all(passage.text.endswith(".") and len(passage.text) > 2 for passage in passages)
    assert max(lengths(passages)) <= MAX_TOKENS


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    text = " ".join(f"word{i}" for i in range(1000))

    passages = passages_of(text)

    assert " ".join(passage.text for passage in passages) == text
    assert max(lengths(passages)) <= MAX_TOKENS


def test_text_without_spaces_is_cut_anyway() -> None:
    text = "".join(chr(0x4E00 + i) for i in range(1000))
    parsed = ParsedManual(MANUAL, (Section(("纸",), text),))

    passages = split_passages(parsed, lambda texts: [len(text) for text in texts])

    assert "".join(passage.text for passage in passages) == text
    assert max(len(passage.text) for passage in passages) <= MAX_TOKENS


def test_what_is_far_too_long_is_cut_before_its_tokens_are_counted() -> None:
    counted: list[int] = []

    def count(texts: Sequence[str]) -> list[int]:
        counted.extend(map(len, texts))
        return count_words(texts)

    endless = "".join(chr(0x0E50 + int(digit)) for i in range(8_000) for digit in str(i))
    text = " ".join(f"word{i}" for i in range(10_000)) + " " + endless
    passages = split_passages(ParsedManual(MANUAL, (Section(("Printer",), text),)), count)

    assert "".join(passage.text for passage in passages).replace(" ", "") == text.replace(" ", "")
    assert max(lengths(passages)) <= MAX_TOKENS
    assert max(counted) < 50 * (MAX_TOKENS + 1)
    assert max(len(passage.text) for passage in passages) < 50 * (MAX_TOKENS + 1)


def test_a_passage_knows_its_section_and_page() -> None:
    text = f"{sentence(150)}\n{sentence(150, 'Then')}"
    section = Section(("Printer", "Paper"), text, (PageStart(0, 4), PageStart(text.index("\n") + 1, 5)))

    first, second = split_passages(ParsedManual(MANUAL, (section,)), count_words)

    assert (first.heading, first.page, second.page) == ("Printer › Paper", 4, 5)


def test_the_same_text_under_the_same_headings_comes_once_and_under_others_again() -> None:
    sections = (Section(("A",), "Press OK."), Section(("A",), "Press OK."), Section(("B",), "Press OK."))

    passages = split_passages(ParsedManual(MANUAL, sections), count_words)

    assert [passage.heading for passage in passages] == ["A", "B"]
    assert len({passage.id for passage in passages}) == 2


def test_ids_depend_on_the_content_alone() -> None:
    assert passages_of("Press OK.")[0].id == passages_of("  Press OK.\n")[0].id
    assert len(passages_of("Press OK.")[0].id) == 16


@settings(deadline=None)
@given(section_texts)
def test_splitting_loses_no_text_and_cuts_only_between_units(text: str) -> None:
    passages = passages_of(text)

    units = split_units(text)
    allowed = {unit.start for unit in units}
    too_long = [unit for unit in units if len(text[unit.start : unit.end].split()) > MAX_TOKENS]
    end = 0
    for passage in passages:
        assert not text[end : passage.start].strip()
        assert passage.start in allowed or any(u.start < passage.start < u.end for u in too_long)
        end = passage.end
    assert not text[end:].strip()


@settings(deadline=None)
@given(section_texts)
def test_passages_are_not_too_long_and_short_ones_do_not_stand_together(text: str) -> None:
    n_tokens = lengths(passages_of(text))

    assert max(n_tokens, default=0) <= MAX_TOKENS
    for one, other in pairwise(n_tokens):
        assert one + other >= MIN_TOKENS
