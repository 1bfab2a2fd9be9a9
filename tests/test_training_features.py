"""Examples and features: answers as labels on tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qa_core.encoder import shipped_encoder_dir
from qa_core.errors import DataError
from qa_core.windows import Windower, WindowSettings
from training.features import Example, load_squad, make_features

CONTEXT = "The lamp turns green. Press the power button for 3 seconds to switch it off again."


def example(answer: str | None, context: str = CONTEXT) -> Example:
    start = None if answer is None else context.index(answer)
    end = None if start is None or answer is None else start + len(answer)
    return Example("q1", "How long?", context, start, end)


def windower(max_tokens: int = 64, stride: int = 16) -> Windower:
    return Windower.open(shipped_encoder_dir(), WindowSettings(max_tokens=max_tokens, stride=stride))


def write_squad(path: Path, **changes: Any) -> Path:
    qa = {"id": "q1", "question": "How long?", "answers": [{"text": "3 seconds", "answer_start": 49}]}
    paragraph = {"context": CONTEXT, "qas": [{**qa, **changes}]}
    path.write_text(json.dumps({"data": [{"title": "A_lamp", "paragraphs": [paragraph]}]}))
    return path


def test_the_labels_are_the_tokens_of_the_answer() -> None:
    [feature] = make_features([example("3 seconds")], windower())
    offsets = feature.window.offsets
    assert CONTEXT[offsets[feature.start, 0] : offsets[feature.end, 1]] == "3 seconds"


def test_an_unanswerable_question_points_at_the_null_token() -> None:
    [feature] = make_features([example(None)], windower())
    assert (feature.start, feature.end) == (0, 0)


def test_only_windows_that_hold_the_whole_answer_are_labelled() -> None:
    context = "word " * 60 + "3 seconds" + " word" * 60
    features = make_features([example("3 seconds", context)], windower(48, 16))
    labelled = [f for f in features if f.start != f.window.null_token]
    assert len(features) > 3
    assert 1 <= len(labelled) < len(features)
    for feature in labelled:
        offsets = feature.window.offsets
        assert context[offsets[feature.start, 0] : offsets[feature.end, 1]] == "3 seconds"


def test_a_squad_file_gives_its_examples_with_the_title_as_heading(tmp_path: Path) -> None:
    [loaded] = load_squad(write_squad(tmp_path / "squad.json"))
    assert loaded.answer == "3 seconds"
    assert loaded.heading_path == ("A lamp",)


def test_an_offset_that_points_elsewhere_names_the_question(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "squad.json", answers=[{"text": "3 seconds", "answer_start": 5}])
    with pytest.raises(DataError, match="Question q1: '3 seconds' does not stand at offset 5"):
        load_squad(path)


def test_a_file_that_is_not_squad_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("[]")
    with pytest.raises(DataError, match="not a SQuAD file"):
        load_squad(path)
