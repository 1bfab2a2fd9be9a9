"""Examples and features: answers as labels on tokens."""

from __future__ import annotations

from qa_core.encoder import shipped_encoder_dir
from qa_core.windows import Windower, WindowSettings
from training.examples import Example
from training.features import make_features

CONTEXT = "The lamp turns green. Press the power button for 3 seconds to switch it off again."


def example(answer: str | None, context: str = CONTEXT) -> Example:
    start = None if answer is None else context.index(answer)
    end = None if start is None or answer is None else start + len(answer)
    return Example("q1", "How long?", context, start, end)


def windower(max_tokens: int = 64, stride: int = 16) -> Windower:
    return Windower.open(shipped_encoder_dir(), WindowSettings(max_tokens=max_tokens, stride=stride))


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
