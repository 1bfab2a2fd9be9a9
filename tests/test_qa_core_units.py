from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.units import list_around, split_units, whole_token, without_mark

LOADING = """\
To load paper:
1. Open the tray.
2. Lift the guide:
  - Letter: to the left.
  - A4: to the right.
3. Close the tray. It clicks.
The printer is ready.
1. Press OK."""

texts = st.lists(
    st.sampled_from(
        ["1. ", "12. ", "- ", "  ", "\n", " | ", "e.g. ", "Open it. ", "3.5 mm", "tray", "!", "  - ", "é"]
    )
    | st.sampled_from(["a) ", "b) ", "1.2. ", "1.3. "])
    | st.text(max_size=8)
).map("".join)


def texts_of(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in split_units(text)]


def test_a_paragraph_is_cut_into_sentences() -> None:
    assert texts_of("Turn it on. Is it warm? Wait!  (Or not.) Done") == [
        "Turn it on.",
        "Is it warm?",
        "Wait!",
        "(Or not.)",
        "Done",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Use a fuse, e.g. Type 3, of 2.5 A or less.",
        "See Fig. 3 and No. 5 on p. 12.",
        "Weighs approx. 3.5 kg.",
        "Visit samsung.com/us. it opens in a browser.",
        "Made in the U.S. Government building.",
    ],
)
def test_abbreviations_and_decimals_do_not_end_a_sentence(sentence: str) -> None:
    assert texts_of(sentence) == [sentence]


def test_a_sentence_may_begin_with_a_word_like_esim_and_end_with_no() -> None:
    assert texts_of("Turn it off. eSIM is next. Should I? No. Wait.") == [
        "Turn it off.",
        "eSIM is next.",
        "Should I?",
        "No.",
        "Wait.",
    ]


def test_steps_bullets_and_rows_stay_whole() -> None:
    text = "1. Open it. Then wait.\n  - Wait. Long.\nCode: E-4 | Meaning: Paper jam. Open it."

    units = split_units(text)

    assert [(text[u.start : u.end], u.kind, u.level) for u in units] == [
        ("1. Open it. Then wait.", "step", 0),
        ("- Wait. Long.", "bullet", 1),
        ("Code: E-4 | Meaning: Paper jam. Open it.", "row", 0),
    ]


def test_a_list_is_all_its_steps_with_the_bullets_under_them() -> None:
    units = split_units(LOADING)

    assert [list_around(units, i) for i in range(len(units))] == [
        (0, 1),
        *[(1, 6)] * 5,
        (6, 7),
        (7, 8),
    ]


def test_numbering_that_starts_again_starts_another_list() -> None:
    units = split_units("1. Open.\n2. Close.\n1. Press.\n2. Hold.\n- Or wait.\n3. Release.")

    assert [list_around(units, i) for i in range(6)] == [(0, 2), (0, 2), (2, 6), (2, 6), (2, 6), (2, 6)]


def test_steps_may_be_marked_with_letters_and_numbers_of_several_levels() -> None:
    steps = ["a) Open it. Wait.", "b) Go.", "(iv) Go.", "(v) Wait.", "B. Go.", "C. Wait.", "1.2. Press."]
    steps += ["1.3. Hold.", "A.1. Hold.", "A.2. Wait. It beeps.", "H. Go.", "I. Wait.", "J. Press.", "3. Go."]
    text = "\n".join([*steps, "2.4 GHz. Set e.g. 5."])

    assert [(text[u.start : u.end], u.kind) for u in split_units(text)] == [
        *((step, "step") for step in steps),
        ("2.4 GHz.", "sentence"),
        ("Set e.g. 5.", "sentence"),
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ["V. 2 of the firmware is needed.", "It has a key."],
        ["A. Smith wrote this manual.", "Ask him."],
        ["I. General.", "It has a key."],
        ["(c) 2020 Acme.", "All rights reserved."],
        ["3.1. Open it.", "It has a key."],
    ],
)
def test_a_letter_that_nothing_counts_on_from_is_no_step(sentences: list[str]) -> None:
    text = "\n".join([" ".join(sentences), "1. Open.", " ".join(sentences)])

    assert [(text[u.start : u.end], u.kind, u.opens) for u in split_units(text)] == [
        *((sentence, "sentence", False) for sentence in sentences),
        ("1. Open.", "step", True),
        *((sentence, "sentence", False) for sentence in sentences),
    ]


def test_a_letter_is_a_step_of_its_own_list_alone() -> None:
    text = "a) Open it. Wait.\nIt beeps.\nb) Close it. Wait.\nB) Go.\n(c) Go.\n  c) Go. | On"

    assert {unit.kind for unit in split_units(text)} == {"sentence", "row"}


def test_lettering_that_starts_again_starts_another_list() -> None:
    units = split_units("g) Open.\nh) Close.\ni) Press.\na) Hold.\nb) Wait.")

    assert [list_around(units, i) for i in range(5)] == [*[(0, 3)] * 3, *[(3, 5)] * 2]


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("A. Before.\n1. Open.\n2. Fill.\nB. Daily.\n1. Close.\n2. Empty.", [1, 2, 1, 2]),
        ("A. Before.\na) Open.\nb) Fill.\nB. Daily.\na) Close.\nb) Empty.", [1, 2, 1, 2]),
        ("1. Before.\ni. Open.\nii. Fill.\n2. Daily.\n3. Weekly.", [1, 2, 2]),
        ("a) Before.\ni) Open.\nii) Fill.\nb) Daily.\nc) Weekly.", [1, 2, 2]),
        ("1. Before.\n1.1. Open.\n1.2. Fill.\n2. Daily.", [4]),
        ("iv. Open.\nv. Fill.\nvi. Close.", [3]),
    ],
)
def test_marks_of_another_kind_begin_another_list(text: str, lists: list[int]) -> None:
    units = split_units(text)

    ranges = sorted({list_around(units, i) for i in range(len(units))})
    assert [last - first for first, last in ranges] == lists


def test_steps_after_bullets_are_another_list() -> None:
    units = split_units("- Cable\n- Plug\n1. Connect.\n2. Press.")

    assert [list_around(units, i) for i in range(4)] == [(0, 2), (0, 2), (2, 4), (2, 4)]


def test_a_row_inside_a_step_belongs_to_the_list() -> None:
    units = split_units("1. Choose:\n  Key: A | Use: Go\n  Key: B | Use: Stop\n2. Press.")

    assert [list_around(units, i) for i in range(4)] == [(0, 4)] * 4


@settings(deadline=None)
@given(texts)
def test_units_cover_every_character_in_order_without_overlap(text: str) -> None:
    units = split_units(text)

    end = 0
    for unit in units:
        assert end <= unit.start < unit.end <= len(text)
        assert not text[end : unit.start].strip()
        assert text[unit.start : unit.end] == text[unit.start : unit.end].strip()
        end = unit.end
    assert not text[end:].strip()


@settings(deadline=None)
@given(texts)
def test_lists_are_ranges_that_all_their_units_agree_on(text: str) -> None:
    units = split_units(text)

    for i in range(len(units)):
        first, last = list_around(units, i)
        assert first <= i < last
        assert {list_around(units, j) for j in range(first, last)} == {(first, last)}


def test_long_runs_without_a_space_take_no_quadratic_time() -> None:
    assert len(texts_of("." * 200_000 + "x" * 200_000)) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Open the tray.\n2", "Open the tray."),
        ("Open the tray.\n2.", "Open the tray."),
        ("Lift the guide:\n  -", "Lift the guide:"),
        ("Open the tray.\n2. Lift", "Open the tray.\n2. Lift"),
        ("3. Close the tray", "3. Close the tray"),
        ("3", "3"),
        ("It clicks.\nThe", "It clicks.\nThe"),
    ],
)
def test_a_span_does_not_end_in_the_mark_of_the_next_step(words: str, expected: str) -> None:
    start = LOADING.index(words)
    assert LOADING[start : without_mark(LOADING, start, start + len(words))] == expected


@given(texts, st.integers(0, 40), st.integers(0, 40))
def test_a_span_keeps_its_words_whatever_it_ends_with(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    kept = without_mark(text, start, end)
    assert kept <= end
    assert not any(character.isalpha() and len(text[kept:end].split()) > 1 for character in text[kept:end])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It lies in /var/log/gantry|.log.", "/var/log/gantry.log"),
        ("It lies in (/var/log|/gantry-cli.log), read it", "/var/log/gantry-cli.log"),
        ("Open https://gantry|.example/a?b=1!", "https://gantry.example/a?b=1"),
        (r"Run C:\Tools|\set-up.exe now", r"C:\Tools\set-up.exe"),
        ("Write to help@gantry|.example.", "help@gantry.example"),
        ("at 1|.5 bar", "1.5"),
        ("about 1|,000 pages", "1,000"),
        ("for 30|s, then", "30s"),
        ("the gan|try", "gantry"),
        ("for 10 minutes|. Then", "minutes"),
        ("press on|/off", "on"),
        ("in 2008|–09", "2008"),
        ("the first|-born", "first"),
        ("in 1998|.The", "1998"),
        ("the user|'s manual", "user"),
        ("電源|ボタンを押す", "電源"),
        ("at 10 |minutes", "10 "),
        ("the end|", "end"),
    ],
)
def test_a_span_does_not_end_inside_a_word_number_or_path(text: str, expected: str) -> None:
    before, after = text.split("|")
    end = whole_token(before + after, len(before))
    assert (before + after)[:end].endswith(expected)


@given(texts, st.integers(0, 40))
def test_the_whole_token_adds_no_space(text: str, end: int) -> None:
    end = min(len(text), end)
    assert text[end : whole_token(text, end)] == "".join(text[end : whole_token(text, end)].split())
    assert end <= whole_token(text, end) <= len(text)
