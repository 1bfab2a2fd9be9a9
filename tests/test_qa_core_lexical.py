"""Keyword search finds what support staff type."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import IndexingError
from qa_core.lexical import Lexical
from qa_core.tokens import tokenize

TEXTS = [
    "E-4: paper jam. Open the rear cover.",
    "E-14: the fuser is too hot.",
    "Order the filter HD-7710 from your dealer.",
    "Turn off the Wi-Fi before you reset the printer.",
    "Printing on envelopes and other small paper.",
]


@pytest.fixture(scope="module")
def lexical():
    return Lexical.build(TEXTS)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("How do I print?", ["print"]),
        ("Printing, printed, prints", ["print", "print", "print"]),
        ("turn off", ["turn", "off"]),
        ("Café", ["cafe"]),
        ("E-4", ["e4"]),
        ("E4", ["e4"]),
        ("e_4", ["e4"]),
        ("E\u20114", ["e4"]),
        ("error E 4", ["error", "e4"]),
        ("a 4 x 25 mm screw", ["4", "x", "25", "mm", "screw", "x25"]),
        ("error E 14", ["error", "e14", "14"]),
        ("error LK 4", ["error", "lk", "4", "lk4"]),
        ("E04", ["e04", "e4", "04"]),
        ("E-100", ["e100", "100"]),
        ("a 4 mm key", ["4", "mm", "key"]),
        ("2 x 0.75", ["2", "x", "0.75"]),
        ("HD-7710", ["hd7710", "hd", "7710"]),
        ("HD7710", ["hd7710", "hd", "7710"]),
        ("Wi-Fi", ["wifi", "wi", "fi"]),
        ("USB-C", ["usbc", "usb"]),
        ("2.4 GHz", ["2.4", "ghz"]),
        ("F-0023-B", ["f0023b", "0023"]),
        ("Settings.Tap", ["set", "tap"]),
        ("don't 3", ["3"]),
        ("press button B", ["press", "button", "b"]),
        ("", []),
        ("?! __ --", []),
    ],
)
def test_tokens(text, tokens):
    assert tokenize(text) == tokens


@pytest.mark.parametrize("question", ["E-4", "e4", "what is E 4?", "error e-4 in the display"])
def test_an_error_code_finds_its_line_however_it_is_typed(lexical, question):
    scores = lexical.scores(question)

    assert scores.argmax() == 0
    assert scores[1] == 0


@pytest.mark.parametrize("question", ["E2", "E-2", "e 2", "E02"])
def test_a_code_is_found_without_the_zeros_that_fill_it_up(question):
    lexical = Lexical.build(["E01: no power", "E02: no water", "E12: no flow"])

    assert lexical.scores(question).argmax() == 1
    assert not lexical.scores(question)[[0, 2]].any()


@pytest.mark.parametrize("question", ["HD-7710", "hd7710", "HD 7710", "part 7710"])
def test_a_part_number_matches_whole_or_by_its_digits(lexical, question):
    assert lexical.scores(question).argmax() == 2


def test_a_score_is_the_share_of_what_all_the_words_would_give(lexical):
    known = lexical.scores("fuser hot")
    half_unknown = lexical.scores("fuser hot zebra crossing")

    assert known.argmax() == half_unknown.argmax() == 1
    assert 0.5 < known[1] < 1.3
    assert half_unknown[1] < 0.6 * known[1]


def test_names_do_not_count_as_words_that_are_missing(lexical):
    without = lexical.scores("fuser hot on the Folio 540")
    with_names = lexical.scores("fuser hot on the Folio 540", frozenset({"folio", "540"}))

    assert with_names[1] > 1.5 * without[1]


def test_a_name_does_not_lift_the_text_that_has_it():
    lexical = Lexical.build(["Folio 540 guide: welcome", "The fuser is hot", "Close the tray"])
    names = frozenset({"folio", "540"})

    assert lexical.scores("fuser of the Folio 540", names).tolist()[0] == 0
    assert lexical.scores("Folio 540", names).argmax() == 0


def test_neighbouring_words_beat_the_same_words_apart():
    lexical = Lexical.build(
        ["Clean the paper. Then close the tray.", "Clean the tray. Then close the paper."]
    )

    assert lexical.scores("close")[0] == pytest.approx(lexical.scores("close")[1])
    assert lexical.scores("close paper")[1] > lexical.scores("close paper")[0]
    assert lexical.scores("close tray")[0] > lexical.scores("close tray")[1]


@pytest.mark.parametrize("question", ["", "how do I", "zebra", "\ud800"])
def test_a_question_without_known_words_scores_zero(lexical, question):
    np.testing.assert_array_equal(lexical.scores(question), np.zeros(5, dtype=np.float32))


@pytest.mark.parametrize("texts", [[], [""], ["the", "?"]])
def test_an_index_without_words_answers_and_survives_saving(tmp_path, texts):
    Lexical.build(texts).save(tmp_path)

    opened = Lexical.open(tmp_path)

    assert len(opened) == len(texts)
    np.testing.assert_array_equal(opened.scores("paper jam"), np.zeros(len(texts), dtype=np.float32))


def test_an_opened_index_scores_as_before(lexical, tmp_path):
    lexical.save(tmp_path)

    opened = Lexical.open(tmp_path)

    for question in ("paper jam", "reset the printer", "HD-7710 filter"):
        np.testing.assert_array_equal(opened.scores(question), lexical.scores(question))


def test_a_damaged_index_is_reported(lexical, tmp_path):
    lexical.save(tmp_path)
    (tmp_path / "words" / "params.index.json").write_text("{")

    with pytest.raises(IndexingError, match=r"keyword index in .* is damaged"):
        Lexical.open(tmp_path)


@given(st.text())
def test_any_text_gives_lower_case_tokens_the_same_each_time(text):
    tokens = tokenize(text)

    assert tokens == tokenize(text)
    assert all(token and token == token.lower() and not token.isspace() for token in tokens)
