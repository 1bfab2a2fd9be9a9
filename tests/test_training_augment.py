"""Examples made from examples keep their answers, or truly lose them."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from training.augment import crop, some, with_another_name, without_answer
from training.examples import Example

CONTEXT = (
    "The Kestrel 40 was built by Anna Holm in 1921. It stood in Bergen until 1944. "
    "A copy by Per Lund is in the museum of Oslo. Tickets cost 12 euros."
)


def asked(question: str, answer: str | None) -> Example:
    start = None if answer is None else CONTEXT.index(answer)
    return Example("q", question, CONTEXT, start, None if start is None else start + len(answer or ""))


@given(
    st.integers(0, 300),
    st.integers(0, 2**16),
    st.sampled_from(["1921", "Bergen", "1944. A copy", "12 euros"]),
)
def test_a_cropped_context_is_a_part_of_the_context_that_holds_the_answer(n_chars, seed, answer):
    cropped = crop(asked("?", answer), n_chars, random.Random(seed))

    assert cropped.context in CONTEXT
    assert cropped.answer == answer


def test_a_crop_grows_by_whole_sentences_as_far_as_it_may():
    cropped = crop(asked("?", "Bergen"), 80, random.Random(0))

    assert cropped.context in (
        "It stood in Bergen until 1944. A copy by Per Lund is in the museum of Oslo.",
        "The Kestrel 40 was built by Anna Holm in 1921. It stood in Bergen until 1944.",
    )


def test_an_unanswerable_example_is_cropped_to_sentences_too():
    cropped = crop(asked("Who sells it?", None), 40, random.Random(1))

    assert (cropped.start, cropped.end) == (None, None)
    assert cropped.context in [
        "It stood in Bergen until 1944.",
        "Tickets cost 12 euros.",
        "The Kestrel 40 was built by Anna Holm in 1921.",
        "A copy by Per Lund is in the museum of Oslo.",
    ]


def test_what_is_left_without_the_answer_is_the_longest_run_of_sentences_that_do_not_say_it():
    cut = without_answer(asked("Who built it?", "Anna Holm"), 400, random.Random(0))

    assert cut is not None
    assert cut.context == CONTEXT.split("1921. ")[1]
    assert (cut.id, cut.start, cut.end) == ("q-cut", None, None)


def test_nothing_is_left_where_every_sentence_says_the_answer():
    example = Example("q", "What colour?", "It is red. Red is nice.", 6, 9)

    assert without_answer(example, 400, random.Random(0)) is None


def test_a_name_is_exchanged_for_another_name_of_the_context():
    renamed = with_another_name(asked("When did Anna Holm build it?", "1921"), random.Random(0))

    assert renamed is not None
    assert renamed.question in {
        f"When did {name} build it?" for name in ("Kestrel", "Bergen", "Per Lund", "Oslo")
    }
    assert (renamed.id, renamed.answer) == ("q-name", None)


def test_a_question_without_names_and_numbers_is_not_changed():
    assert with_another_name(asked("who built it?", "Anna Holm"), random.Random(0)) is None


def test_some_takes_the_first_that_exist():
    examples = [asked(str(n), None) for n in range(3)]

    assert some([None, examples[0], None, *examples[1:]], 2) == examples[:2]
    assert all(a is not b for a, b in pairwise(some(examples, 3)))
