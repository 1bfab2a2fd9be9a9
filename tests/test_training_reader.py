"""QAModel: loaded, fine-tuned, asked and saved, in every family of tokenizers; what must not be loaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_readers
import torch
from fakes import FakeEncoder
from safetensors.torch import load_file, save_file
from test_qa_core_engine import CALIBRATOR, FakeIndex
from tiny_readers import TRIPLETS

from qa_core.engine import Models
from qa_core.errors import DataError, IndexingError, ModelError
from qa_core.installation import Installation
from qa_core.reader import Reader
from qa_core.types import Hit, Manual, Passage, Section
from training.fine_tune_report import ReportedEpoch
from training.fine_tuning import FineTuneSettings, Watch
from training.reader import QAModel

SETTINGS = FineTuneSettings(
    n_epochs=8, learning_rate=1e-2, batch_size=8, embedding_rate=1.0, patience=8, dtype="float32"
)
QUESTION, CONTEXT = "Which colour?", "Lamp 3: it turns white when it is ready."

FAMILIES: dict[str, Callable[[Path], Path]] = {
    "wordpiece, no segments": tiny_readers.write_distilbert,
    "byte-level BPE": tiny_readers.write_roberta,
    "byte-level BPE from vocab.json": lambda folder: tiny_readers.write_roberta(folder, True),
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


def test_without_a_context_the_indexed_manuals_are_read_by_this_model(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def models_with(_installation: Installation, reader: Reader) -> Models:
        texts = ("Lamp 1: it turns blue when it is ready.",)
        return Models(FakeEncoder(), FakeIndex(texts), reader, CALIBRATOR, "r1", threshold=0.0)

    monkeypatch.setattr(Installation, "models", models_with)
    model = QAModel.load(base)
    model.fine_tune(TRIPLETS, SETTINGS)
    found = model.predict(QUESTION)
    assert (found.text, found.start, found.end) == ("blue", 17, 21)
    assert found.answer is not None
    assert found.answer.hits[0].passage.heading == "Dryer › Part 0"
    assert found.score == found.answer.confidence


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


def test_the_model_is_saved_in_half_precision_and_plain_transformers_reads_it(
    base: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForQuestionAnswering

    QAModel.load(base).save(tmp_path / "saved")
    assert {t.dtype for t in load_file(tmp_path / "saved" / "model.safetensors").values()} == {torch.float16}
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "saved", dtype=torch.float32)
    assert model.qa_outputs.out_features == 2


def test_training_stops_early_and_keeps_the_best_epochs_weights(base: Path) -> None:
    """At this rate the loss gets worse again: the weights that are kept are those of the best epoch."""
    settings = FineTuneSettings(
        n_epochs=30, learning_rate=0.3, batch_size=8, warmup=0.0, patience=2, dtype="float32"
    )
    told: list[ReportedEpoch] = []
    report = QAModel.load(base).fine_tune(TRIPLETS, settings, watch=Watch(on_epoch=told.append))
    assert report.stopped_early
    assert report.epochs[-1].epoch.number == report.best + 2
    assert report.epochs[-1].observation.endswith("stopping early")
    assert [each.epoch.number for each in told] == [each.epoch.number for each in report.epochs]
    losses = [each.epoch.loss or 0.0 for each in report.epochs[1:]]
    assert min(losses) == report.best_epoch.loss


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
    encoder = shutil.copytree(base, tmp_path / "encoder")
    tensors = load_file(encoder / "model.safetensors")
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("qa_outputs")}
    save_file(kept, encoder / "model.safetensors", metadata={"format": "pt"})
    first, second = (QAModel.load(encoder).predict(QUESTION, CONTEXT) for _ in range(2))
    assert first == second
    with pytest.raises(ModelError, match="no trained span head"):
        Reader.open(encoder, "torch-fp32", tmp_path / "cache", 1)


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


def own_code(folder: Path) -> None:
    code = {"AutoConfig": "m.C", "AutoModelForQuestionAnswering": "m.M"}
    change_config(folder, model_type="home_made", auto_map=code)
    (folder / "m.py").write_text("raise SystemExit('this code must not run')")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no weights": (remove_weights, r"No \*.safetensors"),
    "pickled": (pickled, r"only pickled weights \(pytorch_model.bin\)"),
    "cut in half": (cut_in_half, "model.safetensors is corrupt"),
    "a shard is missing": (shards_missing, r"1 files that are not there \(model-00002-of-00002"),
    "other shapes": (lambda f: change_config(f, dim=16), "weights do not match config.json"),
    "more layers": (lambda f: change_config(f, n_layers=2), "do not match its config.json: .* missing"),
    "own code": (own_code, "code of its own"),
    "no config": (lambda f: (f / "config.json").unlink(), "No config.json"),
    "unknown kind": (lambda f: change_config(f, model_type="abc"), "cannot be loaded to read spans"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "has no tokenizer.json, and none can be"),
    "a broken tokenizer": (lambda f: (f / "tokenizer.json").write_text("{}"), "is no tokenizer"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_checkpoint_that_cannot_be_trusted_is_refused_with_the_reason(base: Path, damage: str) -> None:
    spoil, reason = REFUSED[damage]
    spoil(base)
    with pytest.raises(ModelError, match=reason):
        QAModel.load(base)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No model folder at"):
        QAModel.load(tmp_path / "nowhere")
