"""Examples and features: answers as labels on tokens."""

from __future__ import annotations

import pytest

from qa_core.encoder import shipped_encoder_dir
from qa_core.windows import Windower, WindowSettings
from training.features import make_features
from training.reading.examples import Example

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


@pytest.mark.parametrize(
    ("answer", "labelled"),
    [
        ("a warning \u26a0\ufe0f", "a warning \u26a0"),  # ⚠ in its colourful form
        ("the cafe\u0301", "the cafe"),  # an accent of its own
        ("power\u00ad", "power"),  # a soft hyphen
        ("\u200bpower button\u200b", "power button"),  # spaces of no width
        ("3 seconds \u200b", "3 seconds"),  # one behind a space
        ("\u202bpower\u202c", "power"),  # marks of direction
        ("3 seconds\ufffd", "3 seconds"),  # what could not be decoded
        ("\ue000power", "power"),  # an icon of a private font
    ],
)
def test_characters_without_a_token_at_the_ends_of_an_answer_do_not_make_it_none(
    answer: str, labelled: str
) -> None:
    context = f"See here: {answer} and so on."
    [feature] = make_features([example(answer, context)], windower())
    offsets = feature.window.offsets
    assert context[offsets[feature.start, 0] : offsets[feature.end, 1]] == labelled


def test_an_answer_of_such_characters_alone_is_none() -> None:
    [feature] = make_features([example("\u200b", "One \u200b word.")], windower())
    assert (feature.start, feature.end) == (0, 0)


def test_an_answer_that_is_cut_before_an_accent_is_still_cut() -> None:
    """The windows that end within the answer do not label what they hold of it."""
    answer = "long " * 8 + "cafe\u0301"
    context = "word " * 40 + answer + " word" * 40
    for feature in make_features([example(answer, context)], windower(48, 16)):
        offsets = feature.window.offsets
        if feature.start != feature.window.null_token:
            assert context[offsets[feature.start, 0] : offsets[feature.end, 1]] == answer[:-1]
