"""Search fuses vectors and words, keeps to a product, and shows a shared text once."""

from __future__ import annotations

import errno
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import faiss
import numpy as np
import pytest

from qa_core.asked.codes import Codes
from qa_core.errors import IndexingError
from qa_core.index import Index
from qa_core.index_files import embedding_text
from qa_core.known import KnownQuestion
from qa_core.same_text import versions_last
from qa_core.types import Manual, PageStart, Passage, Section


def manual(product: str) -> Manual:
    return Manual(
        product.casefold(), "/manuals", f"{product}.pdf", f"{product} manual", product, None, None, "d" * 64
    )


def passage(id_: str, product: str, heading: str, text: str) -> Passage:
    section = Section((heading,), f"{text} Rest.", (PageStart(0, 3),))
    return Passage(id_, manual(product), section, 0, len(text))


RESET = "Hold the power button for ten seconds."
PASSAGES = (
    passage("a1", "Folio 540", "Reset", RESET),
    passage("b1", "Torrent S2", "Reset", RESET),
    passage("a2", "Folio 540", "Error codes", "Code: E-4 | Meaning: Paper jam"),
    passage("b2", "Torrent S2", "Error codes", "Code: E-4 | Meaning: Pump blocked"),
    passage("b3", "Torrent S2", "Rinse aid", "Fill the rinse aid up to the mark."),
    passage("c1", "Folio 540 Plus", "Trays", "The second tray holds 550 sheets."),
)
# Axes: reset, error of the printer, error of the dishwasher, rinsing, trays.
VECTORS = np.array(
    [
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 0.6, 0.8, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
    ],
    dtype=np.float32,
)
NOTHING = np.zeros(5, dtype=np.float32)


def towards(axis: int) -> np.ndarray:
    return np.eye(5, dtype=np.float32)[axis]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index") / "one"
    Index.build(PASSAGES, VECTORS, folder)
    return folder


@pytest.fixture(scope="module")
def index(folder):
    return Index.open(folder)


def ids(hits):
    return [hit.passage.id for hit in hits]


def test_an_opened_index_has_the_passages_that_were_put_in(index):
    assert index.passages == PASSAGES
    assert index.products == ("Folio 540", "Folio 540 Plus", "Torrent S2")
    assert index.passages[0].page == 3


def test_the_score_is_the_sum_of_cosine_and_lexical_share(index):
    hit = index.search("rinse", towards(3), 1)[0]

    assert ids([hit]) == ["b3"]
    assert hit.dense == pytest.approx(1.0)
    assert hit.lexical > 0.5
    assert hit.score == pytest.approx(hit.dense + hit.lexical, abs=1e-5)


def test_words_alone_and_vectors_alone_find_a_passage(index):
    assert ids(index.search("pump blocked", NOTHING, 1)) == ["b2"]
    assert ids(index.search("", towards(4), 1)) == ["c1"]


def test_a_text_that_two_manuals_share_is_one_hit(index):
    hits = index.search("hold the power button", towards(0), 5)

    assert ids(hits)[0] == "a1"
    assert "b1" not in ids(hits)
    assert index.also_in(hits[0].passage) == ("Torrent S2",)
    assert index.also_in(PASSAGES[4]) == ()


@pytest.mark.parametrize(
    ("question", "product", "expected"),
    [
        ("What is E-4?", None, ()),
        ("What is E-4 on the Torrent S2?", None, ("Torrent S2",)),
        ("Does the Torrent S2 print on the Folio 540?", None, ("Folio 540", "Torrent S2")),
        ("Does the Torrent S2 print on the Folio 540?", "Torrent S2", ("Torrent S2",)),
        ("What is E-4 on the Torrent S2?", "Folio 540", ()),
    ],
)
def test_a_question_names_products_of_those_that_are_asked(index, question, product, expected):
    assert index.named(question, product) == expected


@pytest.mark.parametrize(
    ("question", "product", "expected"),
    [
        ("What is E-4?", None, ("Folio 540", "Folio 540 Plus", "Torrent S2")),
        ("What is E-4 on the Torrent S2?", None, ()),
        ("What is E-4?", "Torrent S2", ()),
        ("What is E-4?", ("Torrent S2", "Folio 540"), ("Folio 540", "Torrent S2")),
        ("What is E-4 on the Folio 540?", ("Torrent S2", "Folio 540"), ()),
    ],
)
def test_a_question_that_names_no_product_may_be_about_any_that_is_asked(index, question, product, expected):
    assert index.open_to(question, product) == expected


def test_a_shared_text_is_shown_in_the_manual_of_the_product_asked_for(index):
    assert ids(index.search("hold the power button", towards(0), 1, "Torrent S2")) == ["b1"]
    assert ids(index.search("hold the power button on the torrent s2", towards(0), 1)) == ["b1"]


def test_a_product_restricts_the_search_before_it_ranks(index):
    assert ids(index.search("paper jam", towards(1), 1)) == ["a2"]
    assert set(ids(index.search("paper jam", towards(1), 10, "torrent  S2"))) == {"b1", "b2", "b3"}


def test_a_rare_product_still_gives_k_hits(tmp_path):
    common = [passage(f"x{i:03}", "Common", f"Heading {i}", f"paper jam {i}") for i in range(500)]
    rare = [passage(f"y{i}", "Rare", f"Heading {i}", f"something else {i}") for i in range(3)]
    vectors = np.eye(600, dtype=np.float32)[: len(common) + 3]
    vectors[:500] = np.eye(600, dtype=np.float32)[599]
    index = Index.build([*common, *rare], vectors, tmp_path / "index")

    hits = index.search("paper jam", np.eye(600, dtype=np.float32)[599], 10, "RARE")

    assert sorted(ids(hits)) == ["y0", "y1", "y2"]


def test_a_product_that_the_question_names_comes_first(index):
    assert ids(index.search("What does error E-4 mean?", NOTHING, 2))[0] in {"a2", "b2"}
    assert ids(index.search("Folio 540: what does error E-4 mean?", NOTHING, 1)) == ["a2"]
    assert ids(index.search("Torrent S2: what does error E-4 mean?", NOTHING, 1)) == ["b2"]


def test_of_two_versions_the_one_that_is_named_answers(tmp_path):
    v1, v2 = (replace(manual("Netvia"), id=f"m{n}", path=f"v{n}.md", version=n) for n in ("1.0", "2.0"))
    passages = (
        replace(passage("p1", "Netvia", "Rules", "Up to 32 rules."), manual=v1),
        replace(passage("p2", "Netvia", "Rules", "Up to 64 rules."), manual=v2),
        replace(passage("r1", "Netvia", "Reset", RESET), manual=v1),
        replace(passage("r2", "Netvia", "Reset", RESET), manual=v2),
    )
    index = Index.build(passages, VECTORS[[3, 3, 0, 0]], tmp_path / "index")

    found = {v: index.search(f"How many rules on the {v}?", towards(3), 1)[0] for v in ("v1", "version 2.0")}
    assert {v: hit.passage.id for v, hit in found.items()} == {"v1": "p1", "version 2.0": "p2"}
    assert ids(index.search("reset v2", towards(0), 1)) == ["r2"]
    assert ids(index.search("reset v3", towards(0), 1)) == ["r1"]


def test_of_sisters_the_one_that_is_named_by_its_mark_answers(tmp_path):
    products = ("Mossi X1 mower", "Mossi X2 mower")
    texts = ("Fit 3 blades, one for each arm.", "Fit 5 blades, one for each of the arms.")
    passages = [passage(p, p, "Blades", text) for p, text in zip(products, texts, strict=True)]
    index = Index.build(passages, VECTORS[[3, 3]], tmp_path / "index")
    found = {mark: index.search(f"one blade for each arm, {mark}", towards(3), 1)[0] for mark in ("X1", "x2")}
    assert {mark: hit.passage.manual.product for mark, hit in found.items()} == {
        "X1": "Mossi X1 mower",
        "x2": "Mossi X2 mower",
    }


def test_a_code_or_version_that_a_product_lacks_is_noticed(tmp_path):
    codes = "Code: E-4 | Meaning: Jam\nCode: E-5 | Meaning: Hot\nCode: E-6 | Meaning: Open"
    manuals = [replace(manual("Netvia"), id=f"m{n}", path=f"v{n}.md", version=n) for n in ("1.0", "2.0")]
    passages = [replace(passage(f"p{m.id}", "Netvia", "Errors", codes), manual=m) for m in manuals]
    index = Index.build(passages, VECTORS[[1, 1]], tmp_path / "index")
    asked = ("error E-5", "error E-9", "E-5 on v2", "E-5 on v9")
    assert [index.lacks(question, passages[1]) for question in asked] == [False, True, False, True]
    elsewhere = replace(passages[1], manual=replace(passages[1].manual, product="Another one"))
    assert not any(index.lacks(question, elsewhere) for question in asked)  # it is not indexed here


def test_all_that_a_product_has_is_read_for_that_product_alone_and_once(folder, monkeypatch):
    made = []

    def count(product: str, *rest: object) -> Codes:
        made.append(product)
        time.sleep(0.05)  # as long as others may ask
        return Codes(product, *rest)

    monkeypatch.setattr("qa_core.asked.product_codes.Codes", count)
    index = Index.open(folder)

    assert index.spell_out("error 4") == "error E-4"  # of all products, when none is named
    assert made == []
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: index.lacks("error 4", PASSAGES[2]), range(4))) == [False] * 4
    assert made == ["Folio 540"]


def test_a_fault_s_number_alone_finds_the_code_of_the_product(index):
    assert index.spell_out("error 4 on the Torrent S2") == "error E-4 on the Torrent S2"
    assert index.spell_out("error 4", "Folio 540") == "error E-4"
    assert ids(index.search("error 4 on the Torrent S2", NOTHING, 1)) == ["b2"]


def test_a_measure_is_searched_in_the_words_that_tables_have_for_it(tmp_path):
    texts = ("Reach | 3 m", "Weight | 31 kg", "Noise | 40 dB")
    passages = [passage(str(i), "Trollo T5", "Data", text) for i, text in enumerate(texts)]
    Index.build(passages, np.eye(5, dtype=np.float32)[:3], tmp_path / "index")
    own = Index.open(tmp_path / "index")
    assert ids(own.search("how heavy is it", NOTHING, 1)) == ["1"]
    assert ids(own.search("How loud is it?", NOTHING, 1)) == ["2"]
    assert own.spell_out("How long is it?") == "How long is it?"  # a length, or a time


def test_of_two_names_the_longer_one_is_meant(index):
    assert ids(index.search("Folio 540 Plus", NOTHING, 1)) == ["c1"]


def test_faiss_searches_with_one_thread_and_leaves_the_others_to_torch(folder, monkeypatch):
    index, searching = Index.open(folder), []

    class Watched:
        d, ntotal = index._vectors.d, index._vectors.ntotal

        def search(self, *given, **options):
            searching.append(faiss.omp_get_max_threads())
            return vectors.search(*given, **options)

        def reconstruct_batch(self, rows):
            return vectors.reconstruct_batch(rows)

    vectors = index._vectors
    monkeypatch.setattr(index, "_vectors", Watched())

    def ask(n_threads):
        faiss.omp_set_num_threads(n_threads)  # of the thread that calls it alone
        index.search("water", towards(0), 2)
        return faiss.omp_get_max_threads()

    with ThreadPoolExecutor() as another:
        assert [another.submit(ask, n).result() for n in (3, 2)] == [3, 2]
    assert set(searching) == {1}


def test_an_unknown_product_is_an_error_that_lists_the_products(index):
    with pytest.raises(IndexingError, match=r"No product 'Zephyr' .* Folio 540, Folio 540 Plus, Torrent S2"):
        index.search("paper jam", NOTHING, 3, "Zephyr")


def test_more_hits_than_texts_gives_every_text_once_in_a_fixed_order(index):
    hits = index.search("", np.full(5, 0.1, dtype=np.float32), 50)

    assert len(hits) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert ids(hits) == ["b2", "a1", "a2", "b3", "c1"]  # equal scores by id
    assert index.search("", NOTHING, 0) == ()


def test_an_empty_index_finds_nothing(tmp_path):
    empty = Index.build([], np.zeros((0, 5), dtype=np.float32), tmp_path / "empty")

    assert empty.search("paper jam", NOTHING, 5) == ()
    assert empty.products == ()


def test_versions_of_a_text_in_other_manuals_make_room_for_other_texts():
    one, other = [1.0, 0.0], [0.0, 1.0]
    vectors = np.array([one, one, one, other], dtype=np.float32)
    manuals = [frozenset({"a"}), frozenset({"b"}), frozenset({"a"}), frozenset({"c"})]

    assert versions_last(vectors, manuals, 3) == (0, 2, 3)
    assert versions_last(vectors, manuals, 4) == (0, 1, 2, 3)


def test_the_encoder_sees_the_headings_but_not_the_title():
    assert embedding_text(PASSAGES[2]) == "Error codes\nCode: E-4 | Meaning: Paper jam"


def test_an_index_is_never_changed(folder):
    with pytest.raises(IndexingError, match="is not empty, and an index is never changed"):
        Index.build(PASSAGES, VECTORS, folder)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (VECTORS[:5], r"6 passages but vectors of shape \(5, 5\)"),
        (VECTORS * np.nan, "not finite"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(tmp_path, vectors, message):
    with pytest.raises(IndexingError, match=message):
        Index.build(PASSAGES, vectors, tmp_path / "index")


def test_a_question_of_another_encoder_is_refused(index):
    with pytest.raises(IndexingError, match=r"shape \(7,\), the index 5 dimensions"):
        index.search("paper jam", np.zeros(7, dtype=np.float32), 3)


@pytest.mark.parametrize(
    "name", ["passages.json", "vectors.faiss", "lexical/words/terms.npy", "manifest.json"]
)
@pytest.mark.parametrize("damage", ["missing", "cut", "altered"])
def test_damage_is_noticed(folder, tmp_path, name, damage):
    copy = shutil.copytree(folder, tmp_path / "copy")
    content = (copy / name).read_bytes()
    (copy / name).unlink()
    if damage == "cut":
        (copy / name).write_bytes(content[: len(content) // 2])
    if damage == "altered":
        (copy / name).write_bytes(content[:-3] + b"###")

    with pytest.raises(IndexingError, match=r"is damaged .*Build it again"):
        Index.open(copy)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("qa_core.index_manifest.file_sha256", OSError(errno.ENOMEM, "Cannot allocate memory")),
        ("qa_core.lexical.np.load", OSError(errno.ENOMEM, "Cannot allocate memory")),
        ("qa_core.passage_file.orjson.loads", ValueError("Not enough memory to allocate buffer for parsing")),
    ],
)
def test_want_of_memory_is_no_damage_to_an_index(folder, monkeypatch, step, error):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr(step, fail)
    with pytest.raises(IndexingError, match=r"for want of memory .*Free some, then try again"):
        Index.open(folder)


@pytest.mark.parametrize(
    "step", ["pathlib.Path.is_dir", "pathlib.Path.read_text", "qa_core.index_manifest.file_sha256"]
)
def test_an_index_that_is_another_users_is_not_called_damaged(folder, monkeypatch, step):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "words")

    monkeypatch.setattr(step, refuse)

    with pytest.raises(
        IndexingError, match=r"cannot be read: Permission denied. Give this user MANUALBOT_HOME"
    ):
        Index.open(folder)


def test_an_index_of_another_version_or_none_at_all_says_what_to_do(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    text = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(text.replace('"version": 1', '"version": 99'))

    with pytest.raises(IndexingError, match="has version 99, this program reads 1"):
        Index.open(copy)
    with pytest.raises(IndexingError, match=r"No index at .*Build one"):
        Index.open(tmp_path / "none")


def test_the_named_product_s_own_row_of_a_code_comes_first(tmp_path):
    passages = (
        passage("x1", "Velora", "Error codes", "Code: E06 | Meaning: Throttle of the bike"),
        passage("y1", "Super 9", "Error codes", "Code: E006 | Meaning: Battery empty"),
        passage("y2", "Super 9", "Start", "The bike Super 9 shows codes as E06."),
    )
    own = Index.build(passages, np.eye(3, dtype=np.float32), tmp_path / "index")

    assert own.spell_out("E06 on the super 9 bike") == "E006 on the super 9 bike"
    assert ids(own.search("E06 on the super 9 bike", np.zeros(3, dtype=np.float32), 3))[0] == "y1"


def test_a_heading_with_the_code_that_is_asked_about_comes_first(tmp_path):
    passages = (
        passage("h1", "Ofenta", "Failures", "All failures by number: failure 1 to failure 5."),
        passage("h2", "Ofenta", "Failure #5", "The sensor is loose."),
    )
    own = Index.build(passages, np.eye(2, dtype=np.float32), tmp_path / "index")

    assert ids(own.search("failure #5", np.array([0.6, 0], dtype=np.float32), 2)) == ["h2", "h1"]
    long = "failure #5 came on after the customer had changed a filter, plug, hose and lamp by himself"
    assert own.search(long, np.zeros(2, dtype=np.float32), 1)[0].score < 0.5  # the code is not what is asked


def test_what_to_do_about_a_code_may_stand_in_another_section_than_its_row(tmp_path):
    passages = (
        passage("t1", "Ofenta", "Failures", "Code: E1 | Meaning: Fan\nCode: E2 | Meaning: Door"),
        passage("t2", "Ofenta", "Help", "After E1 clean the fan. With E2 close the door."),
        passage("t3", "Ofenta", "Cables", "The fan is wired to terminal E1."),
        passage("o1", "Velora", "Help", "After E1 wait."),
    )
    own = Index.build(passages, np.eye(4, dtype=np.float32), tmp_path / "index")
    nothing = np.zeros(4, dtype=np.float32)

    assert [
        ids(own.search(question, nothing, 2)) for question in ("how do I fix E1", "E1 fan: what to do")
    ] == [
        ["t2", "t1"],
        ["t2", "t1"],
    ]
    assert ids(own.search("what does E1 mean", nothing, 1)) == ["t1"]
    assert ids(own.search("E1 on the display", nothing, 1)) == ["t1"]


def test_a_row_that_tells_more_than_a_meaning_answers_what_to_do_about_its_code(tmp_path):
    passages = (
        passage("t1", "Ofenta", "Failures", "Code: E1 | Meaning: Fan | Remedy: Clean it"),
        passage("t2", "Ofenta", "Help", "After E1 clean the fan."),
    )
    own = Index.build(passages, np.eye(2, dtype=np.float32), tmp_path / "index")

    nothing = np.zeros(2, dtype=np.float32)
    assert ids(own.search("how do I fix E1", nothing, 1)) == ["t1"]
    assert ids(own.search("does it heat at E1", nothing, 1)) == ["t2"]  # which no row tells
    assert ids(own.search("is the fan clean at E1", nothing, 1)) == ["t1"]


def test_of_a_product_s_manuals_the_one_whose_title_is_named_comes_first(tmp_path):
    lamps = [
        replace(manual("Lamps"), id=name, path=f"{name}.md", title=f"{name} lamp")
        for name in ("Aurora", "Solaris")
    ]
    passages = [
        replace(
            passage(f"{own.id}{i}", "Lamps", heading, f"{text} {own.title[0]}{own.title[0]}."), manual=own
        )
        for own in lamps
        for i, (heading, text) in enumerate((("Bulb", "Take bulb"), ("Data", "Weight")))
    ]
    index = Index.build(passages, np.eye(4, dtype=np.float32), tmp_path / "index")

    question = "which bulb does the solaris need"
    assert ids(index.search(question, np.zeros(4, dtype=np.float32), 4))[0] == "Solaris0"
    assert [index.is_of_sister(question, each) for each in passages] == [True, True, False, False]
    assert not index.is_of_sister("which bulb", passages[0])


def test_a_trade_name_and_a_model_in_a_title_name_their_product(tmp_path):
    velora = replace(manual("Velora VX"), title="VX-3000/VX-5000 series")
    passages = (
        replace(
            passage("v1", "Velora VX", "Mounting", "Hang the Velora on its bracket, 6 Nm."), manual=velora
        ),
        passage("o1", "Ofenta", "Mounting", "Torque of a bracket: 9 Nm."),
    )
    own = Index.build(passages, np.eye(2, dtype=np.float32), tmp_path / "index")

    assert own.named("torque of the bracket velora") == own.named("vx5000 bracket") == ("Velora VX",)
    assert own.open_to("bracket of the velora") == ()
    assert own.named("torque of the velora's bracket and the ofenta") == ("Ofenta", "Velora VX")


def test_a_model_is_no_word_that_is_searched_for_and_counts_in_what_tells_of_it(tmp_path):
    passages = (
        passage("w1", "Wallbox", "Data", "Property: Fuse | R11: 16 A | R22: 32 A"),
        passage("w2", "Wallbox", "Place", "The mounting height is 1 m above the floor."),
        passage("w3", "Wallbox", "Place", "The mounting height of the R 22 is 2 m."),
    )
    own = Index.build(passages, np.eye(3, dtype=np.float32), tmp_path / "index")
    nothing, whole = np.zeros(3, dtype=np.float32), np.array([0.1, 0.2, 0.3], dtype=np.float32)

    hits = own.search("R22 mounting height", nothing, 3, whole=whole)

    assert own.topic("R22 mounting height") == "mounting height"
    assert ids(hits) == ["w3", "w2", "w1"]
    assert [hit.lexical for hit in hits][2] == 0
    assert hits[1].lexical == own.search("mounting height", nothing, 3)[0].lexical
    assert [hit.has_model for hit in hits] == [True, False, True]
    assert {hit.models for hit in hits} == {("22", "r22")}
    assert [hit.dense for hit in hits] == pytest.approx([0.3, 0, 0.1])


def test_a_model_counts_for_passages_of_other_products(tmp_path):
    passages = (
        passage("w1", "Wallbox", "Data", "Property: Fuse | R11: 16 A | R22: 32 A"),
        passage(
            "w2", "Wallbox", "Place", "The mounting height of the box on the wall is 1 m above the floor."
        ),
        passage("f1", "Fan", "Mounting height", "The mounting height is 2 m."),
    )
    own = Index.build(passages, np.zeros((3, 3), dtype=np.float32) + np.eye(3), tmp_path / "index")
    nothing = np.zeros(3, dtype=np.float32)

    assert ids(own.search("mounting height", nothing, 1)) == ["f1"]
    assert ids(own.search("R22 mounting height", nothing, 1, whole=nothing)) == ["w2"]


def test_a_model_of_one_product_alone_keeps_the_search_to_its_manuals(tmp_path):
    passages = (
        passage("w1", "Wallbox", "Data", "Property: Fuse | R11: 16 A | R22: 32 A"),
        passage("w2", "Wallbox", "Place", "The mounting height is 1 m."),
        passage("f1", "Fan", "Mounting height", "The mounting height is 2 m."),
    )
    own = Index.build(passages, np.eye(3, dtype=np.float32), tmp_path / "index")
    fan = np.array([0, 0, 1], dtype=np.float32)

    assert ids(own.search("R22 mounting height", fan, 3, whole=fan)) == ["w2", "w1"]
    assert ids(own.search("R22 mounting height or that of the fan", fan, 1, whole=fan)) == ["f1"]
    assert ids(own.search("R44 mounting height", fan, 1, whole=fan)) == ["f1"]


def test_a_model_that_is_cut_short_is_read_as_the_one_that_goes_on(tmp_path):
    table = passage("s1", "Scanner", "Data", "Property: Reach | KX20: 2 m | KX40W: 4 m")
    own = Index.build((table,), np.eye(1, dtype=np.float32), tmp_path / "index")

    assert own.slips("reach of the KX40") == (("KX40", "KX40W"),)
    assert own.corrected("reach of the KX40") == "reach of the KX40W"


def test_a_model_with_the_word_of_another_one_is_lacking(tmp_path):
    table = passage("w1", "Wallbox", "Data", "Property: Fuse | R11: 16 A | R22: 32 A | R22 Socket: 32 A")
    own = Index.build((table,), np.eye(1, dtype=np.float32), tmp_path / "index")

    asked = ("fuse of the R11 Socket", "fuse of the R22 Socket", "fuse of the R11")
    assert [own.lacks(question, table) for question in asked] == [True, False, False]


def test_known_questions_are_recalled_by_all_of_a_question_with_its_model(tmp_path):
    table = passage("w1", "Wallbox", "Data", "Property: Fuse | R11: 16 A | R22: 32 A")
    vectors = np.eye(3, dtype=np.float32)
    known = KnownQuestion("R22 mounting height", "w1", start=0, end=8)
    own = Index.build((table,), vectors[:1], tmp_path / "index").with_known([known], vectors[1:2])

    assert own.search("R22 mounting height", vectors[2], 1)[0].known is None
    assert own.search("R22 mounting height", vectors[2], 1, whole=vectors[1])[0].known is not None
