"""Examples made from examples keep their answers, or truly lose them."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from training.reading.augment import (
    among_others,
    some,
    with_another_name,
    with_opposite,
    without_answer,
)
from training.reading.examples import Example

CONTEXT = (
    "The Kestrel 40 was built by Anna Holm in 1921. It stood in Bergen until 1944. "
    "A copy by Per Lund is in the museum of Oslo. Tickets cost 12 euros."
)


def asked(question: str, answer: str | None) -> Example:
    start = None if answer is None else CONTEXT.index(answer)
    return Example("q", question, CONTEXT, start, None if start is None else start + len(answer or ""))


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


def test_a_word_is_exchanged_for_its_opposite_and_the_question_loses_its_answer():
    changed = with_opposite(asked("Who built the first Kestrel?", "Anna Holm"), random.Random(0))

    assert changed is not None
    assert changed.question == "Who built the last Kestrel?"
    assert (changed.start, changed.end, changed.id) == (None, None, "q-opposite")
    assert changed.context == CONTEXT


def test_some_questions_without_such_a_word_are_negated():
    questions = {
        changed.question if changed else None
        for seed in range(40)
        for changed in [with_opposite(asked("What was the Kestrel 40?", None), random.Random(seed))]
    }

    assert questions == {None, "What was not the Kestrel 40?", "What was never the Kestrel 40?"}


def test_fixed_phrases_are_left_alone():
    question = "Why does it no longer stand there?"

    assert all(with_opposite(asked(question, None), random.Random(seed)) is None for seed in range(20))


def test_opposites_go_both_ways():
    assert with_opposite(asked("Is it hot?", None), random.Random(0)).question == "Is it cold?"
    assert with_opposite(asked("Is it cold?", None), random.Random(0)).question == "Is it hot?"


@given(st.integers(0, 3), st.integers(0, 2**16))
def test_an_answer_is_found_again_among_other_contexts(n, seed):
    others = [CONTEXT, *(f"Sentence {i}." for i in range(6))]

    joined = among_others(asked("Where did it stand?", "Bergen"), others, n, random.Random(seed))

    assert joined.answer == "Bergen"
    assert CONTEXT in joined.context
    assert sum(f"Sentence {i}." in joined.context for i in range(6)) == n
    assert joined.context.count(CONTEXT) == 1


def test_what_has_no_answer_has_none_among_others_either():
    joined = among_others(asked("Who sells it?", None), ["A.", "B.", "C."], 2, random.Random(0))

    assert (joined.start, joined.end) == (None, None)
