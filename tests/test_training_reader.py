"""QAModel: loaded, fine-tuned, asked and saved, in every family of tokenizers; what must not be loaded."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_readers
import torch
from fakes import FakeEncoder
from safetensors.torch import load_file, save_file
from test_qa_core_engine import CALIBRATOR, FakeIndex
from tiny_readers import TRIPLETS
from tokenizers import Tokenizer
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    BertForQuestionAnswering,
    BertModel,
    BertPreTrainedModel,
)

from qa_core.engine import Models
from qa_core.errors import DataError, IndexingError, ModelError
from qa_core.inference.span_model import has_fresh_head
from qa_core.installation import Installation
from qa_core.reader import Reader
from qa_core.settings import Settings
from qa_core.types import Hit, Manual, Passage, Section
from training.reader import QAModel
from training.reading.epoch_table import markdown, notes, summary
from training.reading.fine_tune_report import ReportedEpoch
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import Watch
from training.reading.interruption import Interrupted

SETTINGS = FineTuneSettings(
    n_epochs=8, learning_rate=1e-2, batch_size=8, embedding_rate=1.0, patience=8, dtype="float32"
)
QUESTION, CONTEXT = "Which colour?", "Lamp 3: it turns white when it is ready."

FAMILIES: dict[str, Callable[[Path], Path]] = {
    "wordpiece, no segments": tiny_readers.write_distilbert,
    "byte-level BPE": tiny_readers.write_roberta,
    "byte-level BPE from vocab.json": lambda folder: tiny_readers.write_roberta(folder, True),
    "byte-level BPE, float32 alone": tiny_readers.write_deberta_v1,
    "encoder and decoder": tiny_readers.write_bart,
    "unigram": tiny_readers.write_deberta,
    "unigram from spm.model": lambda folder: tiny_readers.write_deberta(folder, True),
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_readers.write_distilbert(tmp_path / "base")


def read_served(folder: Path, cache: Path) -> str:
    """The best span that serving finds in CONTEXT with the model of a folder."""
    manual = Manual("m", "/m", "a.md", "A", "A", None, None, "d")
    hit = Hit(Passage("p", manual, Section((), CONTEXT), 0, len(CONTEXT)), 0.0, 0.0, 0.0)
    [reading] = Reader.open(folder, "torch-fp32", cache, 1).read(QUESTION, [hit])
    return CONTEXT[reading.spans[0].start : reading.spans[0].end]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_is_saved_and_served(family: str, tmp_path: Path) -> None:
    model = QAModel.load(FAMILIES[family](tmp_path / "base"))
    report = model.fine_tune(TRIPLETS, SETTINGS)
    before, best = report.epochs[0].epoch.figures, report.best_epoch.figures
    assert before is not None
    assert best is not None
    assert best.loss < before.loss / 2
    assert best.exact_match > before.exact_match
    found = model.predict(QUESTION, CONTEXT)
    model.save(tmp_path / "saved")
    again = QAModel.load(tmp_path / "saved").predict(QUESTION, CONTEXT)
    assert (again.text, again.start, again.end) == (found.text, found.start, found.end)
    assert again.score == pytest.approx(found.score, abs=0.01)
    assert read_served(tmp_path / "saved", tmp_path / "cache") == found.text == "white"


def test_a_prediction_has_its_place_and_a_score(base: Path) -> None:
    model = QAModel.load(base)
    model.fine_tune(TRIPLETS, SETTINGS)
    found = model.predict(QUESTION, CONTEXT)
    assert (found.start, found.end, found.text) == (17, 22, "white")
    assert 0.5 < found.score <= 1
    assert found.answer is None


@pytest.fixture
def n_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An installation with one passage; the list grows each time its models are opened."""
    opened: list[int] = []

    def models_with(_installation: Installation, reader: Reader) -> Models:
        opened.append(1)
        texts = ("Lamp 1: it turns blue when it is ready.",)
        return Models(FakeEncoder(), FakeIndex(texts), reader, CALIBRATOR, "r1", threshold=0.0)

    monkeypatch.setattr(Installation, "models", models_with)
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    return opened


@pytest.mark.usefixtures("n_opened")
def test_without_a_context_the_indexed_manuals_are_read_by_this_model(base: Path) -> None:
    model = QAModel.load(base)
    model.fine_tune(TRIPLETS, SETTINGS)
    found = model.predict(QUESTION)
    assert (found.text, found.start, found.end) == ("blue", 17, 21)
    assert found.answer is not None
    assert found.answer.hits[0].passage.heading == "Dryer › Part 0"
    assert found.score == found.answer.confidence


def index_something(installation: Installation) -> None:
    encoder = installation.encoder_digest(installation.releases.current())
    with installation.store.transaction() as db:
        db.execute("INSERT INTO indexes VALUES (7, ?, 'a', 1, 1, 1, '2026-01-01')", [encoder])


def test_the_manuals_are_opened_once_and_again_when_release_index_or_home_have_changed(
    base: Path, tmp_path: Path, n_opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, home = QAModel.load(base), tmp_path / "var"
    opened = []

    def ask_twice() -> None:
        first, second = model.predict(QUESTION), model.predict(QUESTION)
        assert (first.text, first.score) == (second.text, second.score)
        opened.append(len(n_opened))

    ask_twice()
    index_something(Installation(Settings.load()))
    ask_twice()
    (home / "releases").mkdir(exist_ok=True)
    (home / "releases" / "current").write_text("another")
    ask_twice()
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "other"))
    ask_twice()
    assert opened == [1, 2, 3, 4]


def test_after_a_fine_tuning_the_manuals_are_opened_anew(base: Path, n_opened: list[int]) -> None:
    model = QAModel.load(base)
    before = model.predict(QUESTION)
    model.fine_tune(TRIPLETS, SETTINGS)
    after = model.predict(QUESTION)
    assert len(n_opened) == 2
    assert (before.text == "blue", after.text) == (False, "blue")


def test_without_an_index_the_next_step_is_told(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    with pytest.raises(IndexingError, match="manualbot index"):
        QAModel.load(base).predict(QUESTION)


def test_questions_without_an_answer_teach_to_say_so(base: Path) -> None:
    negatives = [{**t, "question": "How loud is it?", "answer": None} for t in TRIPLETS]
    model = QAModel.load(base)
    model.fine_tune([*TRIPLETS, *negatives], SETTINGS)
    found = model.predict("How loud is it?", CONTEXT)
    assert (found.text, found.start, found.end) == (None, None, None)
    assert model.predict(QUESTION, CONTEXT).text == "white"


def test_an_empty_question_is_refused_and_an_empty_context_answers_nothing(base: Path) -> None:
    model = QAModel.load(base)
    with pytest.raises(DataError, match="The question is empty"):
        model.predict(" ", CONTEXT)
    assert model.predict(QUESTION, "").text is None


def test_what_is_no_text_is_refused_with_what_was_seen(base: Path) -> None:
    model: Any = QAModel.load(base)
    with pytest.raises(DataError, match=r"The question is 5 \(int\)\. Give a text"):
        model.predict(5, CONTEXT)
    with pytest.raises(DataError, match=r"The context is b'Lamp' \(bytes\)\. Give a text"):
        model.predict(QUESTION, b"Lamp")


def test_half_an_emoji_in_question_or_context_is_taken(base: Path) -> None:
    model = QAModel.load(base)
    model.fine_tune(TRIPLETS, SETTINGS)
    context = f"\ud83d {CONTEXT}"
    found = model.predict(f"{QUESTION} \ud83d", context)
    assert (found.text, found.start, found.end) == ("white", 19, 24)
    assert found.context == context


def test_the_model_is_saved_in_half_precision_and_plain_transformers_reads_it(
    base: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForQuestionAnswering

    QAModel.load(base).save(tmp_path / "saved")
    assert {t.dtype for t in load_file(tmp_path / "saved" / "model.safetensors").values()} == {torch.float16}
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "saved", dtype=torch.float32)
    assert model.qa_outputs.out_features == 2


def test_saved_over_another_familys_model_a_folder_holds_one_model_and_what_is_no_models(
    base: Path, tmp_path: Path
) -> None:
    """Plain transformers takes special tokens, vocabulary and shards of the earlier one with the new one."""
    folder = tiny_readers.write_roberta(tmp_path / "used")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.model.save(str(folder))
    (folder / "special_tokens_map.json").write_text('{"pad_token": "<pad>", "cls_token": "<s>"}')
    model = AutoModelForQuestionAnswering.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="20KB")
    assert len(list(folder.glob("model-*"))) > 1
    (folder / "notes.txt").write_text("Mine")
    QAModel.load(base).save(folder)
    QAModel.load(base).save(tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert {path.name for path in folder.iterdir()} == names | {"notes.txt"}


def test_a_place_that_takes_no_model_is_told_with_what_to_do(base: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("Mine")
    with pytest.raises(ModelError, match=r"It is a file: give a folder$"):
        QAModel.load(base).save(tmp_path / "file")
    with pytest.raises(ModelError, match=r"Give a folder that this user can write to$"):
        QAModel.load(base).save("/proc/model")
    assert (tmp_path / "file").read_text() == "Mine"


def test_a_model_that_names_its_positions_in_another_way_reads_windows_that_fit(tmp_path: Path) -> None:
    model = QAModel.load(tiny_readers.write_gpt2(tmp_path / "base"))
    long = [{**triplet, "context": f"{triplet['context']} {'Clean it. ' * 30}"} for triplet in TRIPLETS]
    model.fine_tune(long, replace(SETTINGS, n_epochs=1))
    found = model.predict(QUESTION, str(long[0]["context"]))
    assert found.text is None or found.text in found.context
    model.save(tmp_path / "saved")
    assert read_served(tmp_path / "saved", tmp_path / "cache") in CONTEXT


def test_weights_that_share_memory_are_written_once(tmp_path: Path) -> None:
    model = QAModel.load(tiny_readers.write_bart(tmp_path / "base"))
    model.fine_tune(TRIPLETS, replace(SETTINGS, n_epochs=1), work=tmp_path / "work")
    model.save(tmp_path / "saved")
    written = load_file(tmp_path / "saved" / "model.safetensors")
    assert [name for name in written if "embed_tokens" in name or "shared" in name] == ["model.shared.weight"]
    [kept] = (tmp_path / "work").glob("epoch-1.safetensors")
    assert set(load_file(kept)) == set(written)


def test_training_stops_early_and_keeps_the_best_epochs_weights(base: Path) -> None:
    """At this rate the loss gets worse again: the weights that are kept are those of the best epoch."""
    settings = FineTuneSettings(
        n_epochs=100, learning_rate=0.03, batch_size=8, warmup=0.0, patience=2, dtype="float32", seed=1
    )
    told: list[ReportedEpoch] = []
    report = QAModel.load(base).fine_tune(TRIPLETS, settings, watch=Watch(on_epoch=told.append))
    assert report.stopped_early
    assert report.best > 0
    assert report.epochs[-1].epoch.number == report.best + 2
    assert report.epochs[-1].observation.endswith("stopping early")
    assert [each.epoch.number for each in told] == [each.epoch.number for each in report.epochs]
    losses = [each.epoch.loss or 0.0 for each in report.epochs]
    assert min(losses) == report.best_epoch.loss


def test_weights_that_the_last_step_before_validation_spoils_are_told(base: Path) -> None:
    one_step = replace(SETTINGS, learning_rate=1e38, warmup=0.0, batch_size=64)
    with pytest.raises(ModelError, match=r"a logit that is not finite\. Lower the learning rate"):
        QAModel.load(base).fine_tune(TRIPLETS, one_step)


def press_ctrl_c(_: object) -> None:
    signal.raise_signal(signal.SIGINT)


def fail(_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("rate", "watch", "error"),
    [
        (1e38, Watch(), ModelError),
        (1e-1, Watch(on_progress=press_ctrl_c), Interrupted),
        (1e-1, Watch(on_progress=fail), ZeroDivisionError),
    ],
)
def test_whatever_ends_a_fine_tuning_early_the_model_is_as_it_was(
    rate: float, watch: Watch, error: type[BaseException], base: Path
) -> None:
    model, fresh = QAModel.load(base), QAModel.load(base)
    with pytest.raises(error):
        model.fine_tune(TRIPLETS, replace(SETTINGS, learning_rate=rate, warmup=0.0), watch=watch)
    assert model.predict(QUESTION, CONTEXT) == fresh.predict(QUESTION, CONTEXT)
    epochs = [each.fine_tune(TRIPLETS, replace(SETTINGS, n_epochs=1)).epochs for each in (model, fresh)]
    assert epochs[0] == epochs[1]


def test_gradients_of_an_earlier_fine_tuning_do_not_count_in_a_later_one(base: Path) -> None:
    model, fresh = QAModel.load(base), QAModel.load(base)
    for parameter in model._model.parameters():
        parameter.grad = torch.full_like(parameter, torch.nan)
    upper = replace(SETTINGS, n_epochs=1, n_frozen_layers=1, embedding_rate=0.0)
    assert model.fine_tune(TRIPLETS, upper).epochs == fresh.fine_tune(TRIPLETS, upper).epochs


def test_ctrl_c_without_a_folder_tells_what_would_have_kept_the_state(base: Path) -> None:
    with pytest.raises(
        Interrupted, match=r"^Stopped after step 1 of 32\. Nothing is kept: .* work=…"
    ) as told:
        QAModel.load(base).fine_tune(TRIPLETS, SETTINGS, watch=Watch(on_progress=press_ctrl_c))
    assert "checkpoint" not in str(told.value)


def test_a_fine_tuning_stopped_with_ctrl_c_goes_on_in_the_same_session(base: Path, tmp_path: Path) -> None:
    model, settings = QAModel.load(base), replace(SETTINGS, warmup=0.0)
    stopped = Watch(on_progress=press_ctrl_c)
    with pytest.raises(Interrupted, match="Stopped after step 1 of 32; the checkpoint is in"):
        model.fine_tune(TRIPLETS, settings, work=tmp_path / "work", watch=stopped)
    steps: list[int] = []
    watch = Watch(on_progress=lambda progress: steps.append(progress.step))
    model.fine_tune(TRIPLETS, settings, work=tmp_path / "work", watch=watch)
    assert steps[0] == 2


def test_where_no_epoch_is_better_the_model_stays_as_it_was(base: Path, tmp_path: Path) -> None:
    model = QAModel.load(base)
    model.fine_tune(TRIPLETS, SETTINGS)
    model.save(tmp_path / "before")
    destructive = replace(SETTINGS, learning_rate=10.0, warmup=0.0, patience=2)
    report = model.fine_tune(TRIPLETS, destructive)
    model.save(tmp_path / "after")
    figures = report.epochs[0].epoch.figures
    assert figures is not None
    assert (report.best, report.epochs[-1].epoch.number) == (0, 2)
    assert summary(report) == (
        "Stopped early after epoch 2; no epoch was better than the model before training, whose weights "
        f"were kept: exact match {figures.exact_match:.1f}, F1 {figures.f1:.1f} on 8 questions."
    )
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("before", "after")]
    assert weights[0] == weights[1]


def encoder_of(reader: Path, folder: Path) -> Path:
    """The reader's folder without its span head."""
    shutil.copytree(reader, folder)
    tensors = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("qa_outputs")}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_the_learning_rate_suits_the_span_head_unless_it_is_given(base: Path, tmp_path: Path) -> None:
    short = FineTuneSettings(n_epochs=1, dtype="float32", keeps_trained=True)
    fresh = QAModel.load(encoder_of(base, tmp_path / "encoder"))
    reports = [QAModel.load(base).fine_tune(TRIPLETS, short), fresh.fine_tune(TRIPLETS, short)]
    reports += [fresh.fine_tune(TRIPLETS, each) for each in (short, replace(short, learning_rate=1e-3))]
    assert [each.settings["learning_rate"] for each in reports] == [3e-5, 3e-4, 3e-5, 1e-3]
    assert [notes(each) for each in reports] == [
        ["Learning rate 3e-05; the span head was trained before."],
        ["Learning rate 0.0003; the span head is new."],
        ["Learning rate 3e-05; the span head was trained before."],
        ["Learning rate 0.001; the span head was trained before."],
    ]
    assert "learning_rate 0.0003" in markdown(reports[1])


def test_a_fresh_head_that_was_not_kept_trained_is_fresh_still(base: Path, tmp_path: Path) -> None:
    model = QAModel.load(encoder_of(base, tmp_path / "encoder"))
    unchanged = FineTuneSettings(n_epochs=1, learning_rate=0.0, dtype="float32")
    assert model.fine_tune(TRIPLETS, unchanged).best == 0
    report = model.fine_tune(TRIPLETS, FineTuneSettings(n_epochs=1, dtype="float32"))
    assert report.settings["learning_rate"] == 3e-4


def test_frozen_layers_stay_as_they_were(base: Path, tmp_path: Path) -> None:
    model = QAModel.load(base)
    model.fine_tune(TRIPLETS, replace(SETTINGS, n_frozen_layers=1, n_epochs=2, keeps_trained=True))
    model.save(tmp_path / "tuned")
    before, after = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "tuned"))
    changed = {name for name in before if not torch.equal(before[name].half(), after[name])}
    assert changed == {"qa_outputs.weight", "qa_outputs.bias"}


def test_the_report_notes_validation_on_contexts_that_are_trained_on(base: Path) -> None:
    settings = FineTuneSettings(n_epochs=1, dtype="float32")
    model = QAModel.load(base)
    report = model.fine_tune(TRIPLETS[:32], settings, validation=TRIPLETS[24:])
    assert (report.n_shared, report.n_validation) == (8, 16)
    assert notes(report)[1] == (
        "Validation questions on contexts that are trained on too: 8 of 16. "
        "The figures flatter the model: give validation data on other contexts."
    )
    assert model.fine_tune(TRIPLETS, settings).n_shared == 0


def test_the_report_notes_that_no_question_has_an_answer(base: Path) -> None:
    none = [{**triplet, "answer": None} for triplet in TRIPLETS]
    report = QAModel.load(base).fine_tune(none, FineTuneSettings(n_epochs=1, dtype="float32"))
    assert report.n_answered == 0
    assert (
        notes(report)[1] == 'No question trained on has an answer: all that is learned is to say "no answer".'
    )


def test_the_report_notes_a_validation_share_that_whole_contexts_do_not_give(base: Path) -> None:
    settings = FineTuneSettings(n_epochs=1, validation_share=0.9, dtype="float32")
    report = QAModel.load(base).fine_tune(TRIPLETS[:4], settings)
    assert (report.n_train, report.n_validation) == (1, 3)
    assert notes(report)[-1] == (
        "Validated on 75% of the questions, where 90% were asked for: "
        "contexts are drawn whole, and one is left to train on."
    )
    report = QAModel.load(base).fine_tune(TRIPLETS[:20], settings)
    assert (report.n_train, report.n_validation, report.missed_share) == (2, 18, None)


def test_validation_data_that_is_given_is_what_is_validated_on(base: Path) -> None:
    settings = FineTuneSettings(n_epochs=1, dtype="float32")
    report = QAModel.load(base).fine_tune(TRIPLETS[:32], settings, validation=TRIPLETS[32:])
    assert (report.n_train, report.n_validation) == (32, 8)


def test_validation_contexts_without_a_word_are_told(base: Path) -> None:
    blank = {"context": "\u200b", "question": QUESTION, "answer": None}
    settings = FineTuneSettings(n_epochs=1, dtype="float32")
    with pytest.raises(DataError, match="The contexts of all 1 validation questions hold nothing"):
        QAModel.load(base).fine_tune(TRIPLETS, settings, validation=[blank])
    report = QAModel.load(base).fine_tune(TRIPLETS, settings, validation=[blank, TRIPLETS[0]])
    assert report.n_validation == 2


def test_an_answer_longer_than_a_window_is_not_trained_as_no_answer(base: Path) -> None:
    long = {"context": "x " * 200, "question": QUESTION, "answer": ("x " * 100).strip()}
    settings = FineTuneSettings(n_epochs=1, validation_share=0.0, dtype="float32")
    report = QAModel.load(base).fine_tune([*TRIPLETS, long], settings)
    assert (report.n_unfit, report.n_windows) == (1, len(TRIPLETS))


def test_a_plain_encoder_gets_the_same_new_span_head_each_time(base: Path, tmp_path: Path) -> None:
    encoder = encoder_of(base, tmp_path / "encoder")
    first, second = (QAModel.load(encoder).predict(QUESTION, CONTEXT) for _ in range(2))
    assert first == second
    with pytest.raises(ModelError, match="no trained span head"):
        Reader.open(encoder, "torch-fp32", tmp_path / "cache", 1)


def write_bert(folder: Path, kind: type[BertPreTrainedModel], n_labels: int) -> Path:
    """The folder of a small reader with this model in the place of its own."""
    config = json.loads((folder / "config.json").read_text())
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    kind(
        BertConfig(vocab_size=config["vocab_size"], max_position_embeddings=64, num_labels=n_labels, **sizes)
    ).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("n_labels", [1, 3])
def test_an_encoder_made_for_other_labels_gets_a_span_head(base: Path, n_labels: int) -> None:
    model = QAModel.load(write_bert(base, BertModel, n_labels))
    report = model.fine_tune(TRIPLETS, SETTINGS)
    assert report.best_epoch.figures is not None
    assert model.predict(QUESTION, CONTEXT).text == "white"
    model.save(base)
    assert BertForQuestionAnswering.from_pretrained(base).qa_outputs.out_features == 2


@pytest.mark.parametrize("n_labels", [1, 3])
def test_a_trained_head_of_another_shape_is_refused(base: Path, n_labels: int, tmp_path: Path) -> None:
    write_bert(base, BertForQuestionAnswering, n_labels)
    reason = rf"its head gives {n_labels} numbers a token \(qa_outputs\.bias\), not 2"
    with pytest.raises(ModelError, match=reason):
        QAModel.load(base)
    with pytest.raises(ModelError, match=reason):
        Reader.open(base, "torch-fp32", tmp_path / "cache", 1)


@pytest.mark.parametrize("kind", [BertModel, BertForMaskedLM, BertForPreTraining])
def test_what_an_encoder_has_beside_its_layers_is_left_out(
    base: Path, kind: type[BertPreTrainedModel]
) -> None:
    write_bert(base, kind, 2)
    prefix = "" if kind is BertModel else "bert."
    one_more_tensor(base, f"{prefix}embeddings.position_ids")
    assert has_fresh_head(QAModel.load(base)._model)
    one_more_tensor(base, f"{prefix}encoder.layer.1.output.dense.bias")
    with pytest.raises(ModelError, match=r"1 tensors have no place, the first is .*encoder\.layer\.1\."):
        QAModel.load(base)


# what must not be loaded


def remove_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def pickled(folder: Path) -> None:
    remove_weights(folder)
    torch.save({}, folder / "pytorch_model.bin")


def cut_in_half(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])


def shards_missing(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))


def change_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def one_more_tensor(folder: Path, name: str) -> None:
    tensors = load_file(folder / "model.safetensors") | {name: torch.ones(2)}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def own_code(folder: Path) -> None:
    code = {"AutoConfig": "m.C", "AutoModelForQuestionAnswering": "m.M"}
    change_config(folder, model_type="home_made", auto_map=code)
    (folder / "m.py").write_text("raise SystemExit('this code must not run')")


def no_vocabulary(folder: Path) -> None:
    for path in folder.glob("tokenizer*"):
        path.unlink()


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no weights": (remove_weights, r"No \*.safetensors"),
    "pickled": (pickled, r"only pickled weights \(pytorch_model.bin\)"),
    "cut in half": (cut_in_half, "model.safetensors is corrupt"),
    "a shard is missing": (shards_missing, r"1 files that are not there \(model-00002-of-00002"),
    "other shapes": (
        lambda f: change_config(f, dim=16),
        r"weights do not match config.json \(distilbert\.embeddings\.LayerNorm\.bias is \[32\], not \[16\]\)",
    ),
    "more layers": (lambda f: change_config(f, n_layers=2), "do not match its config.json: .* missing"),
    "fewer layers": (
        lambda f: one_more_tensor(f, "distilbert.transformer.layer.1.ffn.lin1.bias"),
        r"do not match its config.json: 1 tensors have no place, the first is distilbert\..*layer\.1",
    ),
    "own code": (own_code, "code of its own"),
    "no config": (lambda f: (f / "config.json").unlink(), "No config.json"),
    "unknown kind": (lambda f: change_config(f, model_type="abc"), "cannot be loaded to read spans"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "has no tokenizer.json, and none can be"),
    "no file of a tokenizer": (no_vocabulary, "knows no word: its vocabulary is missing"),
    "a broken tokenizer": (lambda f: (f / "tokenizer.json").write_text("{}"), "is no tokenizer"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_checkpoint_that_cannot_be_trusted_is_refused_with_the_reason(base: Path, damage: str) -> None:
    spoil, reason = REFUSED[damage]
    spoil(base)
    with pytest.raises(ModelError, match=reason):
        QAModel.load(base)


def test_a_tokenizer_with_more_tokens_than_the_model_has_embeddings_is_refused(
    base: Path, tmp_path: Path
) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    n_embeddings = tokenizer.get_vocab_size()
    tokenizer.add_tokens(["lamp-black", "snow-white"])
    tokenizer.save(str(base / "tokenizer.json"))
    reason = f"has {n_embeddings + 2} tokens, and the model embeddings for {n_embeddings}"
    with pytest.raises(ModelError, match=reason):
        QAModel.load(base)
    with pytest.raises(ModelError, match=reason):
        Reader.open(base, "torch-fp32", tmp_path / "cache", 1)


def test_a_tokenizer_that_was_made_of_no_vocabulary_is_refused(base: Path, tmp_path: Path) -> None:
    no_vocabulary(base)
    AutoTokenizer.from_pretrained(base).save_pretrained(base)
    with pytest.raises(ModelError, match="knows no word"):
        QAModel.load(base)
    with pytest.raises(ModelError, match="knows no word"):
        Reader.open(base, "torch-fp32", tmp_path / "cache", 1)


def test_weights_that_are_no_numbers_are_refused_with_the_tensors_name(base: Path) -> None:
    tensors = load_file(base / "model.safetensors")
    tensors["qa_outputs.weight"][0, 0] = float("nan")
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"weights that are not finite \(qa_outputs\.weight\)"):
        QAModel.load(base)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No model folder at"):
        QAModel.load(tmp_path / "nowhere")


def test_what_is_no_path_is_refused_with_what_was_seen() -> None:
    load: Any = QAModel.load
    with pytest.raises(ModelError, match=r"5 \(int\) is no path\. Give that of a saved Hugging Face model"):
        load(5)
