"""The recipes that measure a reader: the no-answer threshold, runtimes, the classic table, ablations."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from tiny_models import write_base_reader

from qa_core.errors import ModelError
from qa_core.types import Hit, Reading, Span
from qa_core.windows import Windower
from training.features import make_features
from training.reading.distillation import Beliefs
from training.reading.evaluate_reader import GoldContext, Prediction
from training.reading.examples import Example
from training.reading.model_folder import load_model, save_weights
from training.reading.span_forward import SpanForward
from training.reading.span_training import SpanTrainingSettings
from training.recipes import ablations, classic_table, runtime_cost, squad_figures
from training.recipes.ablations import VARIANTS, Budget, Pool, Result, Variant
from training.recipes.reserve_contexts import altered, answerable, gold_context, of_articles, unanswerable
from training.recipes.shipped_reader import READER, WINDOWS, Lesson, Stage, believe, lesson_path

TOPICS = ["lamp", "filter", "kettle", "drum", "fuse", "cable", "fan", "clock", "door", "tray", "belt", "arm"]


def reserve() -> list[Example]:
    """Each context says a colour in its second sentence and a number in its third."""
    examples = []
    for i, topic in enumerate(TOPICS):
        context = f"This is about the {topic}. The {topic} of Anna is red{i}. In May {30 + i} came."
        start = context.index(f"red{i}")
        question = f"Which colour has the {topic} of Anna?"
        examples.append(Example(str(i), question, context, start, start + len(f"red{i}"), (topic.title(),)))
    return [*examples, Example("none", "Why?", "Nobody knows.", None, None)]


class KeywordReader:
    """Finds `red…`; the null score is 0 where the context has it, else 5."""

    def read(self, _question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        return tuple(map(self._read, hits))

    def _read(self, hit: Hit) -> Reading:
        words = hit.passage.text.split()
        found = next((word.rstrip(".") for word in words if word.startswith("red")), None)
        start = hit.passage.text.find(found or words[0])
        span = Span(start, start + len(found or words[0]), 1.0)
        return Reading(hit, (span,), 0.0 if found else 5.0)


def test_questions_keep_their_title_and_golds() -> None:
    assert gold_context(reserve()[0]) == GoldContext(
        "0", "Which colour has the lamp of Anna?", reserve()[0].context, ("red0",), "Lamp"
    )
    assert [each.id for each in answerable(reserve())] == [str(i) for i in range(12)]


def test_unanswerable_questions_are_near_renamed_or_cut_and_never_hold_the_answer() -> None:
    made = unanswerable(reserve(), 12)
    assert [each.golds for each in made] == [()] * 12
    by_kind = {
        kind: [each for each in made if each.id.endswith(kind)] for kind in ("negative", "name", "cut")
    }
    assert {kind: len(found) for kind, found in by_kind.items()} == {"negative": 4, "name": 4, "cut": 4}
    answers = {each.id: each.answer or "" for each in reserve()}
    for each in (*by_kind["negative"], *by_kind["cut"]):
        assert answers[each.id.split("-")[0]] + "." not in each.context
    for each in by_kind["name"]:
        assert "of May" in each.question or "of This" in each.question or "of In" in each.question
    assert made == unanswerable(reserve(), 12)


def test_altered_questions_ask_of_their_own_context_what_it_does_not_say() -> None:
    examples = [replace(each, question=f"{each.question[:-1]} at last?") for each in reserve()]
    made = altered(examples, 8)
    assert [each.golds for each in made] == [()] * 8
    own = {each.id: each for each in examples}
    assert all(each.context == own[each.id.split("-")[0]].context for each in made)
    assert all(each.question != own[each.id.split("-")[0]].question for each in made)
    assert {each.id.rpartition("-")[2] for each in made} == {"opposite", "name"}


def test_reviews_and_posts_are_no_articles() -> None:
    post = replace(reserve()[0], heading_path=("Filtered Reddit Comments 2020",))
    review = replace(reserve()[0], heading_path=("Amazon Reviews 750",))
    assert of_articles([post, *reserve(), review]) == reserve()


def test_the_threshold_is_chosen_on_the_reserve_and_used_on_the_dev_set() -> None:
    """Contexts without `red…` have a null margin of 4, those with it one of -1."""
    asked = answerable(reserve())
    silent = [each for each in unanswerable(reserve(), 12) if each.id.endswith("cut")]
    chosen = squad_figures.choose_threshold(KeywordReader(), asked, silent)
    assert chosen == squad_figures.NullThreshold(-1.0, 100.0, 12, 4)
    dev = squad_figures.measure(KeywordReader(), "dev", [*asked[:2], *silent[:2]], chosen.threshold)
    assert dev.report.value("f1") == 100.0
    assert dev.report.value("NoAns_f1") == 100.0
    lines = squad_figures.markdown(chosen, [dev]).splitlines()
    assert lines[0] == "No-answer threshold -1.00: F1 100.0 on the reserve (12 questions and 4 altered)."
    assert lines[-1].startswith("| dev | 4 | 100.0 | 100.0 | 100.0 | 100.0 | 100.0 | ")


@pytest.mark.parametrize(
    ("limit", "ids"),
    [
        (None, list(range(12))),
        (5, [0, 2, 4, 6, 8]),
        (7, list(range(7))),
        (12, list(range(12))),
        (20, list(range(12))),
    ],
)
def test_of_a_dev_set_as_many_questions_are_read_as_were_asked_for(limit: int | None, ids: list[int]) -> None:
    questions = answerable(reserve())
    assert [each.id for each in squad_figures.spread(questions, limit)] == list(map(str, ids))


def test_a_runtimes_cost_is_told_against_the_reference() -> None:
    questions = answerable(reserve())[:2]
    reference = [Prediction("red0", -1.0), Prediction("red1", -1.0)]
    shifted = [Prediction("red0", -1.5), Prediction("May", -0.5)]
    cost = runtime_cost.cost("onnx-int8", questions, shifted, reference, 20.0)
    assert cost == runtime_cost.RuntimeCost("onnx-int8", 50.0, 50.0, 0.5, 0.5, 20.0)
    fp32 = runtime_cost.cost("torch-fp32", questions, reference, reference, 10.0)
    lines = runtime_cost.markdown([fp32, cost], 2, 4).splitlines()
    assert lines[0] == "2 questions of the calibration reserve, 4 threads."
    assert lines[-2] == "| torch-fp32 | 100.00 | 100.00 | 100.0% | 0.000 | 10.0 |"
    assert lines[-1] == "| onnx-int8 | 50.00 | 50.00 (-50.00) | 50.0% | 0.500 | 20.0 |"


def test_reading_is_timed_on_all_questions() -> None:
    predictions, questions_per_s = runtime_cost.read_timed(KeywordReader(), answerable(reserve()))
    assert [p.text for p in predictions] == [f"red{i}" for i in range(12)]
    assert questions_per_s > 0


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base_reader(tmp_path_factory.mktemp("base"))


def test_the_classic_table_has_a_line_for_each_epoch_with_all_figures(base: Path, tmp_path: Path) -> None:
    settings = replace(classic_table.SETTINGS, n_epochs=2, dtype="float32")
    start = classic_table.Start("tiny reader", base, settings)
    report = classic_table.run(start, reserve(), tmp_path)
    assert [each.epoch.number for each in report.epochs] == [0, 1, 2]
    lines = classic_table.markdown([(start, report)]).splitlines()
    assert lines[0].startswith("From the tiny reader (")
    assert "validated, learning rate 3e-05, " in lines[0]
    assert lines[2] == "| Epoch | Loss ↓ | Accuracy ↑ | Exact match | F1 | Observation |"
    figures = report.epochs[2].epoch.figures
    assert figures is not None
    assert lines[-1].startswith(
        f"| 2 | {figures.loss:.3f} | {figures.accuracy:.3f} | {figures.exact_match:.1f} | {figures.f1:.1f} | "
    )
    assert (tmp_path / "tiny-reader").is_dir()


def test_a_triplet_keeps_the_answers_place() -> None:
    example = reserve()[0]
    assert classic_table.triplet(example) == {
        "id": "0",
        "title": "Lamp",
        "context": example.context,
        "question": "Which colour has the lamp of Anna?",
        "answer": "red0",
        "answer_start": example.start,
    }
    assert classic_table.triplet(reserve()[-1])["answer"] is None


def made(kind: str, number: int) -> Example:
    """An example of a lesson whose id tells its kind."""
    ids = {"manual": f"manual-{number}", "qamr": f"qamrdev{number}", "plain": f"{number}"}
    suffix = {"nearest": "negative", "renamed": "name", "opposite": "opposite", "cut": "cut"}
    example = reserve()[number % len(TOPICS)]
    if kind in ids:
        return replace(example, id=ids[kind])
    return replace(example, id=f"{number}-{suffix[kind]}", start=None, end=None)


KINDS = ("plain", "qamr", "nearest", "renamed", "opposite", "cut", "manual")
LESSON = [made(kind, number) for number in range(3) for kind in KINDS]


@pytest.fixture(scope="module")
def pool(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    path = lesson_path(tmp_path_factory.mktemp("lessons"), 0)
    path.write_text("".join(json.dumps(asdict(example)) + "\n" for example in LESSON))
    with ThreadPoolExecutor(1) as threads:
        lesson = Lesson.read(base, path, threads)
    teacher = SpanForward(load_model(base), "float32")
    return Pool.of(lesson, [example.id for example in LESSON], Beliefs.of(teacher, lesson.features))


def test_a_lesson_is_read_as_it_was_written(pool: Pool, base: Path) -> None:
    expected = make_features(LESSON, Windower.open(base, WINDOWS))
    assert [f.example_index for f in pool.lesson.features] == [f.example_index for f in expected]
    assert [(f.start, f.end) for f in pool.lesson.features] == [(f.start, f.end) for f in expected]
    assert pool.kinds == tuple(KINDS[f.example_index % len(KINDS)] for f in expected)


def test_every_variant_trains_on_as_many_windows_and_on_none_of_what_it_leaves_out(pool: Pool) -> None:
    for variant in VARIANTS:
        rows = pool.drawn(variant, 30)
        assert len(rows) == 30
        assert {pool.kinds[row] for row in rows} == set(KINDS) - set(variant.without)


def test_settings_of_a_variant() -> None:
    by_name = {variant.name: variant.settings for variant in VARIANTS}
    assert by_name["embeddings frozen"].embedding_rate == 0.0
    assert by_name["all ingredients"].average_from == READER.average_from < 1
    assert by_name["no averaging of weights"].average_from > 1
    assert by_name["no teacher"].distilled == 0.0


def test_a_variant_is_measured_on_answers_and_on_telling_what_is_not_answered() -> None:
    cut = [each for each in unanswerable(reserve(), 12) if each.id.endswith("cut")]
    result = ablations.measure("v", KeywordReader(), answerable(reserve()), cut, 7)
    assert result == Result("v", 100.0, 100.0, 1.0, 7)


def test_variants_are_trained_once_and_their_results_kept(pool: Pool, base: Path, tmp_path: Path) -> None:
    budget = Budget(base, 8, tmp_path)
    variants = [VARIANTS[0], Variant("embeddings frozen", embedding_rate=0.0)]
    results = ablations.run(variants, pool, reserve(), budget)
    assert [each.name for each in results] == ["all ingredients", "embeddings frozen"]
    file = tmp_path / "all-ingredients-8" / "result.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "f1": 12.5}))
    again = ablations.run(variants, pool, reserve(), budget)
    assert again == [replace(results[0], f1=12.5), results[1]]


def test_the_table_tells_the_change_against_all_ingredients() -> None:
    results = [Result("all ingredients", 60.0, 70.0, 0.8, 375), Result("no headings", 58.0, 69.5, 0.81, 375)]
    lines = ablations.markdown(results, 6000).splitlines()
    assert lines[0] == "6,000 windows, 375 steps each, from the plain encoder."
    assert lines[-1] == "| no headings | 58.0 | 69.5 | -0.5 | 0.810 | +0.010 |"


def lesson_of(base: Path, examples: Sequence[Example], digest: str) -> Lesson:
    return Lesson(digest, make_features(examples, Windower.open(base, WINDOWS)))


def test_a_stage_does_not_go_on_from_the_checkpoint_of_other_examples_or_weights(
    base: Path, tmp_path: Path
) -> None:
    stage = Stage(base, tmp_path / "stage", SpanTrainingSettings(checkpoint_every=1, dtype="float32"))
    lessons = [lesson_of(base, reserve()[:6], "a")]
    result = stage.run(lessons, 2)
    shutil.rmtree(result)  # as if killed before the end
    with pytest.raises(ModelError, match="belongs to other data, another model or other settings"):
        stage.run([lesson_of(base, reserve()[6:12], "b")], 2)
    other = shutil.copytree(base, tmp_path / "other")
    model = load_model(other)
    with torch.no_grad():
        next(model.parameters()).mul_(2)
    save_weights(model, other)
    with pytest.raises(ModelError, match="belongs to other data, another model or other settings"):
        replace(stage, start=other).run(lessons, 2)
    believed = Beliefs.of(SpanForward(model, "float32"), lessons[0].features)
    with pytest.raises(ModelError, match="belongs to other data, another model or other settings"):
        stage.run(lessons, 2, [believed])
    assert stage.run(lessons, 2) == result


def test_what_a_teacher_believes_is_kept_and_not_taken_for_other_windows(base: Path, tmp_path: Path) -> None:
    lessons = {2: lesson_of(base, reserve()[:6], "a"), 3: lesson_of(base, reserve()[6:12], "b")}
    beliefs = believe(base, lessons, tmp_path)
    again = believe(tmp_path / "no teacher any more", lessons, tmp_path)
    assert [each.logits.tolist() for each in again] == [each.logits.tolist() for each in beliefs]
    with pytest.raises(ModelError, match="belongs to other examples"):
        believe(base, {**lessons, 3: lesson_of(base, reserve()[:5], "c")}, tmp_path)
