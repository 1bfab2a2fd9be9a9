"""What is known of a question moves the known passage, and only for questions like it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from test_qa_core_index import NOTHING, PASSAGES, VECTORS, towards
from test_qa_core_releases import candidate

from qa_core.errors import ReleaseError
from qa_core.index import Index
from qa_core.installation import remembering
from qa_core.known import (
    LEAST_LIKENESS,
    RIGHT_WEIGHT,
    WRONG_WEIGHT,
    KnownQuestion,
    Memory,
    Wording,
    likeness,
    read_known,
    write_known,
)
from qa_core.releases import Releases
from qa_core.types import KnownAnswer

ASKED = "How do I fill the tank?"
RIGHT = KnownQuestion(ASKED, "b3", True, 0, 9)
WRONG = KnownQuestion(ASKED, "a1", is_right=False)
MOST = 1 - LEAST_LIKENESS  # beyond the least: the very same question
ALL_AXES = np.full(5, 5**-0.5, dtype=np.float32)


def at_cosine(cosine: float) -> np.ndarray:
    """A unit vector that is so near to `towards(4)`."""
    return np.array([0, 0, 0, np.sqrt(1 - cosine**2), cosine], dtype=np.float32)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index.build(PASSAGES, VECTORS, tmp_path_factory.mktemp("known") / "index")


def ids(index: Index, vector: np.ndarray, product: str | None = None, question: str = ASKED) -> list[str]:
    return [hit.passage.id for hit in index.search(question, vector, 2, product)]


def test_a_question_asked_again_finds_the_passage_that_was_approved(index: Index) -> None:
    assert ids(index, ALL_AXES)[0] != "c1"
    hit = index.with_known([KnownQuestion(ASKED, "c1")], ALL_AXES[None]).search(ASKED, ALL_AXES, 1)[0]
    assert hit.passage.id == "c1"
    assert hit.score == pytest.approx(hit.dense + hit.lexical + RIGHT_WEIGHT * MOST, abs=1e-5)


def test_the_hit_tells_what_was_found_right_in_it(index: Index) -> None:
    knowing = index.with_known([RIGHT, WRONG], np.stack([ALL_AXES] * 2))
    known = {hit.passage.id: hit.known for hit in knowing.search(ASKED, ALL_AXES, 6)}
    assert known["b3"] == KnownAnswer(0, 9, pytest.approx(1.0, abs=1e-5))
    assert [each for id_, each in known.items() if id_ != "b3"] == [None] * (len(known) - 1)


class Encoding:
    """Gives every question the same vector, and tells which were asked for."""

    def encode_questions(self, questions: list[str], progress: Callable[[int, int], None]) -> np.ndarray:
        self.asked = questions
        progress(len(questions), len(questions))
        return np.stack([ALL_AXES] * len(questions))


def test_questions_are_remembered_in_the_manuals_words(index: Index) -> None:
    encoder = Encoding()
    told: list[tuple[int, ...]] = []
    misspelt = [KnownQuestion("Where are the shetes?", "c1")]
    knowing = remembering(index, encoder, misspelt, lambda *step: told.append(step))
    assert told == [(1, 1)]
    assert encoder.asked == ["Where are the sheets?"]
    corrected = knowing.corrected("Where are the hseets or sheest?")
    assert corrected == "Where are the hseets or sheets?"
    assert ids(knowing, ALL_AXES, question=corrected)[0] == "c1"


def test_the_index_itself_stays_as_it_was(index: Index) -> None:
    before = ids(index, NOTHING)
    index.with_known([KnownQuestion(ASKED, "c1")], towards(0)[None])
    assert ids(index, NOTHING) == before


@pytest.mark.parametrize(
    ("asked", "cosine"),
    [
        (ASKED, LEAST_LIKENESS**2 - 0.01),
        ("How do I empty the bin?", 1.0),
        ("How do I fill the tank in step 2?", 1.0),
        ("How do I fill the tank at E-4?", 1.0),
        ("How do I fill the tank at ▲?", 1.0),
        ("How do I empty the tank?", 1.0),
        ("", 1.0),
    ],
)
def test_what_is_not_like_a_known_question_is_ranked_as_before(
    index: Index, asked: str, cosine: float
) -> None:
    vector = at_cosine(cosine)
    knowing = index.with_known([KnownQuestion(ASKED, "a2", True, 0, 4)], towards(4)[None])
    assert knowing.search(asked, vector, 6) == index.search(asked, vector, 6)


def test_the_more_alike_the_questions_the_more_it_counts() -> None:
    memory = Memory([RIGHT], towards(4)[None], {"b3": 1})
    asked = [ASKED, "How do I fill up the tank?", "How do I fill the tank of the Folio?"]
    bonuses = [memory.recall(each, towards(4), 3).bonus[1] for each in asked]
    half = RIGHT_WEIGHT * ((2 / 3) ** 0.5 - LEAST_LIKENESS)
    assert bonuses == pytest.approx([RIGHT_WEIGHT * MOST, half, half], abs=1e-5)
    nearer, farther = (memory.recall(ASKED, at_cosine(c), 3).bonus[1] for c in (0.9, 0.6))
    assert RIGHT_WEIGHT * MOST > nearer > farther > 0


def test_likeness_is_of_meaning_and_of_words() -> None:
    one, other = Wording.of("Where is the filter of the Torrent?"), Wording.of("The filter, where is it?")
    assert likeness(0.81, one, one) == pytest.approx(0.9)
    assert likeness(0.8, one, other) == pytest.approx((0.8 * 0.5) ** 0.5)
    assert likeness(-0.1, one, one) == 0.0


def test_opposites_are_not_alike_and_other_words_may_be() -> None:
    on, off, enabled = (
        Wording.of(f"How do I {what} the automatic brightness of the screen in the picture menu?")
        for what in ("turn on", "turn off", "enable")
    )
    assert likeness(0.95, on, off) == 0.0
    assert likeness(0.95, on, enabled) > LEAST_LIKENESS
    both = Wording.of("How do I turn the automatic brightness of the screen on and off in the picture menu?")
    assert likeness(0.95, both, on) > LEAST_LIKENESS


def test_a_passage_that_was_voted_down_is_lowered_by_less() -> None:
    memory = Memory([RIGHT, WRONG], np.stack([towards(4)] * 2), {"a1": 0, "b3": 1})
    bonus = memory.recall(ASKED, towards(4), 3).bonus
    assert bonus.tolist() == pytest.approx([-WRONG_WEIGHT * MOST, RIGHT_WEIGHT * MOST, 0.0])


def test_of_many_who_asked_alike_the_one_most_alike_counts() -> None:
    known = [KnownQuestion(ASKED, "b3", True, n, 9) for n in range(3)]
    vectors = np.stack([at_cosine(0.85), at_cosine(1.0), at_cosine(1.0)])
    recalled = Memory(known, vectors, {"b3": 0}).recall(ASKED, towards(4), 1)
    assert recalled.bonus.tolist() == pytest.approx([RIGHT_WEIGHT * MOST])
    assert recalled.answers[0].start == 1


def test_a_passage_that_came_nearest_to_what_no_manual_says_is_no_answer() -> None:
    nowhere = KnownQuestion(ASKED, "b3", is_right=False, is_unanswerable=True)
    memory = Memory([nowhere], towards(4)[None], {"b3": 0})
    recalled = memory.recall(ASKED, towards(4), 1)
    assert recalled.bonus.tolist() == [0.0]
    assert recalled.answers[0] == KnownAnswer(0, 0, pytest.approx(1.0, abs=1e-6))
    assert recalled.answers[0].is_none
    assert memory.recall("How do I empty the bin?", towards(4), 1).answers == {}


@pytest.mark.parametrize("cosine", [0.9, 0.8])
def test_what_was_said_of_the_question_most_alike_counts(cosine: float) -> None:
    nowhere = KnownQuestion(ASKED, "b3", is_right=False, is_unanswerable=True)
    vectors = np.stack([at_cosine(0.85), at_cosine(cosine)])
    recalled = Memory([RIGHT, nowhere], vectors, {"b3": 0}).recall(ASKED, towards(4), 1)
    assert recalled.answers[0].is_none == (cosine > 0.85)
    assert bool(recalled.bonus[0] > 0) == (cosine < 0.85)


def test_a_passage_that_has_gone_from_the_manuals_is_no_hit(index: Index) -> None:
    knowing = index.with_known([KnownQuestion(ASKED, "gone")], towards(0)[None])
    assert knowing.search(ASKED, towards(0), 6) == index.search(ASKED, towards(0), 6)


def test_a_known_passage_of_another_product_stays_out_of_a_product_s_answers(index: Index) -> None:
    knowing = index.with_known([RIGHT], ALL_AXES[None])
    assert ids(knowing, ALL_AXES)[0] == "b3"
    assert ids(knowing, ALL_AXES, "Folio 540") == ids(index, ALL_AXES, "Folio 540")


def test_a_question_that_names_a_product_is_not_drawn_to_another_one_s_passage(index: Index) -> None:
    named = f"{ASKED} Folio 540 please"
    knowing = index.with_known([KnownQuestion(named, "b3", True, 0, 9)], ALL_AXES[None])
    assert knowing.search(named, ALL_AXES, 6) == index.search(named, ALL_AXES, 6)


def test_known_questions_come_back_from_their_file_whatever_their_order(tmp_path: Path) -> None:
    write_known(tmp_path / "one.json", [RIGHT, WRONG])
    write_known(tmp_path / "two.json", [WRONG, RIGHT])
    assert set(read_known(tmp_path / "one.json")) == {RIGHT, WRONG}
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.parametrize("content", ["", "{}", '{"known_questions": [{"q": 1}]}'])
def test_another_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(content)
    with pytest.raises(ReleaseError, match=r"known\.json is not a file of known questions"):
        read_known(path)


def test_known_questions_are_a_part_of_their_release_and_go_with_it(tmp_path: Path) -> None:
    releases = Releases(tmp_path / "var", candidate(tmp_path / "installed", 0.0), "0.1.0")
    write_known(tmp_path / "known.json", [RIGHT])
    plain = candidate(tmp_path / "new", 1.0)
    first = releases.add(plain)
    second = releases.add(
        type(plain)(
            plain.encoder, plain.reader, plain.calibration, plain.runtime, known=tmp_path / "known.json"
        )
    )
    assert first.known is None
    assert read_known(releases.path(second, "known")) == (RIGHT,)
    assert releases.get(second.id) == second
    releases.use(first.id)
    assert releases.current().known is None
