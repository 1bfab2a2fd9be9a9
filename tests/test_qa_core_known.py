"""What is known of a question moves the known passage, and only near that question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_qa_core_index import NOTHING, PASSAGES, VECTORS, towards
from test_qa_core_releases import candidate

from qa_core.errors import ReleaseError
from qa_core.index import Index
from qa_core.known import LEAST_COSINE, WEIGHT, KnownQuestion, Memory, read_known, write_known
from qa_core.releases import Releases

RIGHT = KnownQuestion("how do I fill it?", "b3")
WRONG = KnownQuestion("how do I fill it?", "a1", is_right=False)


def at_cosine(cosine: float) -> np.ndarray:
    """A unit vector that is so near to `towards(4)`."""
    return np.array([0, 0, 0, np.sqrt(1 - cosine**2), cosine], dtype=np.float32)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index.build(PASSAGES, VECTORS, tmp_path_factory.mktemp("known") / "index")


def ids(index: Index, vector: np.ndarray, product: str | None = None) -> list[str]:
    return [hit.passage.id for hit in index.search("", vector, 2, product)]


def test_a_question_asked_again_finds_the_passage_that_was_approved(index: Index) -> None:
    asked = np.full(5, 5**-0.5, dtype=np.float32)
    assert ids(index, asked)[0] == "b2"
    hit = index.with_known([KnownQuestion("q", "c1")], asked[None]).search("", asked, 1)[0]
    assert hit.passage.id == "c1"
    assert hit.score == pytest.approx(hit.dense + WEIGHT * (1 - LEAST_COSINE), abs=1e-5)


def test_the_index_itself_stays_as_it_was(index: Index) -> None:
    before = ids(index, NOTHING)
    index.with_known([KnownQuestion("q", "c1")], towards(0)[None])
    assert ids(index, NOTHING) == before


def test_what_is_not_near_a_known_question_is_ranked_as_before(index: Index) -> None:
    far = at_cosine(LEAST_COSINE - 0.01)
    knowing = index.with_known([KnownQuestion("q", "a2")], towards(4)[None])
    assert knowing.search("", far, 6) == index.search("", far, 6)


def test_the_nearer_the_question_the_more_it_counts() -> None:
    memory = Memory([RIGHT], towards(4)[None], {"b3": 1})
    bonuses = [float(memory.bonus(at_cosine(cosine), 3)[1]) for cosine in (0.7, 0.85, 0.9, 1.0)]
    assert bonuses == pytest.approx([0.0, 0.1, 0.2, 0.4], abs=1e-6)


def test_a_passage_that_was_voted_down_is_lowered() -> None:
    memory = Memory([RIGHT, WRONG], np.stack([towards(4)] * 2), {"a1": 0, "b3": 1})
    assert memory.bonus(towards(4), 3).tolist() == pytest.approx([-0.4, 0.4, 0.0])


def test_many_who_asked_the_same_count_as_the_nearest_of_them() -> None:
    known = [KnownQuestion(f"q{n}", "b3") for n in range(3)]
    vectors = np.stack([at_cosine(0.85), at_cosine(1.0), at_cosine(1.0)])
    assert Memory(known, vectors, {"b3": 0}).bonus(towards(4), 1).tolist() == pytest.approx([0.4])


def test_a_passage_that_has_gone_from_the_manuals_is_no_hit(index: Index) -> None:
    knowing = index.with_known([KnownQuestion("q", "gone")], towards(0)[None])
    assert knowing.search("", towards(0), 6) == index.search("", towards(0), 6)


def test_a_known_passage_of_another_product_stays_out_of_a_product_s_answers(index: Index) -> None:
    asked = np.full(5, 5**-0.5, dtype=np.float32)
    knowing = index.with_known([KnownQuestion("q", "b3")], asked[None])
    assert ids(knowing, asked)[0] == "b3"
    assert ids(knowing, asked, "Folio 540") == ids(index, asked, "Folio 540")


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
