"""Windows: what the model sees of a question and a context, and where each token stands in the text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tiny_readers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from qa_core.encoder import shipped_encoder_dir
from qa_core.errors import ModelError
from qa_core.windows import Context, Window, Windower, WindowSettings, pad

TEXT = "Press the power button for 3 seconds. The lamp turns green."


@pytest.fixture(scope="module")
def windower() -> Windower:
    return Windower.open(shipped_encoder_dir())


def small_windower(max_tokens: int, stride: int) -> Windower:
    return Windower.open(shipped_encoder_dir(), WindowSettings(max_tokens=max_tokens, stride=stride))


def roberta_like() -> Tokenizer:
    """Byte-level tokens, no segments, two separators between question and context."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<s>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    return tokenizer


def test_every_token_of_the_context_knows_its_characters(windower: Windower) -> None:
    [window] = windower.windows("How long?", [Context(TEXT)])
    words = [TEXT[start:end] for start, end in window.offsets[window.first : window.last]]
    assert words[:6] == ["Press", "the", "power", "button", "for", "3"]
    assert words[-1] == "."


def test_the_heading_path_is_read_but_no_span_may_touch_it(windower: Windower) -> None:
    [window] = windower.windows("How long?", [Context(TEXT, ("Setup", "Switching on"))])
    tokens = windower.tokens(window)
    assert tokens[: window.first] == ["[CLS]", "how", "long", "?", "[SEP]", "setup", ">", "switching", "on"]
    assert TEXT[: window.offsets[window.first, 1]] == "Press"


def test_question_and_context_are_different_segments(windower: Windower) -> None:
    [window] = windower.windows("How long?", [Context(TEXT)])
    assert window.type_ids[: window.first].tolist() == [0] * window.first
    assert set(window.type_ids[window.first :].tolist()) == {1}


def test_a_long_context_is_read_in_windows_that_overlap_by_the_stride() -> None:
    text = " ".join(f"word{i}" for i in range(100))
    windows = small_windower(64, 16).windows("Which?", [Context(text)])
    assert len(windows) > 3
    for left, right in pairwise(windows):
        shared = set(map(tuple, left.offsets[left.first : left.last])) & set(
            map(tuple, right.offsets[right.first : right.last])
        )
        assert len(shared) == 16


def test_a_context_without_words_gives_no_window(windower: Windower) -> None:
    windows = windower.windows("Which?", [Context("", ("Setup",)), Context(TEXT)])
    assert [window.context_index for window in windows] == [1]


def test_a_question_longer_than_its_share_leaves_room_for_the_context(windower: Windower) -> None:
    [window] = windower.windows("why " * 5000, [Context(TEXT)])
    assert window.first == 64 + 2
    assert window.last - window.first == 13


def test_threads_share_a_windower_whatever_the_length_of_their_questions(windower: Windower) -> None:
    questions = ["How long?", "How long? " * 200] * 2
    contexts = [Context(TEXT * 30)]
    alone = {question: _ids(windower.windows(question, contexts)) for question in questions}

    def ask(question: str) -> bool:
        return all(_ids(windower.windows(question, contexts)) == alone[question] for _ in range(20))

    with ThreadPoolExecutor(len(questions)) as pool:
        assert list(pool.map(ask, questions)) == [True] * len(questions)
    assert max(len(ids) for of_question in alone.values() for ids in of_question) == 384


def _ids(windows: list[Window]) -> list[list[int]]:
    return [window.input_ids.tolist() for window in windows]


def test_a_tokenizer_of_another_family_gives_the_same_characters() -> None:
    windower = Windower(roberta_like())
    [window] = windower.windows("How?", [Context(TEXT, ("Setup",))])
    start, end = window.offsets[window.first, 0], window.offsets[window.last - 1, 1]
    assert TEXT[start:end] == TEXT
    assert windower.tokens(window)[0] == "<s>"


def test_a_tokenizer_without_a_leading_special_token_is_refused() -> None:
    tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1, "[UNK]": 2}, "[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    with pytest.raises(ModelError, match="no special token first"):
        Windower(tokenizer)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json is not a fast tokenizer"):
        Windower.open(tmp_path)


def test_padding_masks_what_is_not_there(windower: Windower) -> None:
    windows = windower.windows("How?", [Context("One."), Context(TEXT)])
    batch = pad(windows, pad_id=0, multiple=16)
    assert batch["input_ids"].shape == (2, 32)
    assert batch["attention_mask"].sum(axis=1).tolist() == [len(w.input_ids) for w in windows]
    assert not batch["input_ids"][batch["attention_mask"] == 0].any()


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=300), question=st.text(min_size=1, max_size=40))
def test_offsets_lie_in_the_text_and_in_order(text: str, question: str) -> None:
    for window in small_windower(48, 8).windows(question, [Context(text, ("Heading",))]):
        offsets = window.offsets[window.first : window.last]
        assert (offsets[:, 0] <= offsets[:, 1]).all()
        assert offsets.min() >= 0
        assert offsets.max() <= len(text)
        assert (np.diff(offsets[:, 0]) >= 0).all()


def test_offsets_begin_at_words_where_a_tokenizer_counts_the_space_before_them_in(tmp_path: Path) -> None:
    windower = Windower.open(tiny_readers.write_roberta(tmp_path))
    text = "Lamp 1: it turns red."
    [window] = windower.windows("Which colour?", [Context(text, ("Signals",))])
    words = [text[start:end] for start, end in window.offsets[window.first : window.last]]
    assert words == ["Lamp", "1", ":", "it", "turns", "red", "."]
