"""`QAModel`: load a span reader, fine-tune it on triplets, ask it, save it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from qa_core.errors import DataError, ModelError
from qa_core.inference.span_model import input_names
from qa_core.reader import Reader, window_settings
from qa_core.types import Hit, Manual, Passage, Section
from qa_core.windows import Windower
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import FineTuning, Prepared, Watch
from training.reading.interruption import Interrupted
from training.reading.kept_engine import KeptEngine
from training.reading.loading import load_triplets
from training.reading.model_folder import TokenizerFiles, load_model, save_weights

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from qa_core.inference.runtime import Inputs, Outputs
    from qa_core.types import Answer, Reading
    from training.reading.fine_tune_report import FineTuneReport

_HALF = re.compile(r"[\ud800-\udfff]")
_MANUAL = Manual("0" * 16, "", "", "", "", None, None, "0" * 64)


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer. Offsets are in characters of `context`; all three are None where there is no answer."""

    text: str | None
    start: int | None
    end: int | None
    score: float  # 0 to 1; see QAModel.predict
    context: str  # what was read: the context given, or the passage of the manuals that answers best
    answer: Answer | None = None  # from the manuals: with the passage's place in them


class QAModel:
    """An extractive reader: any `AutoModelForQuestionAnswering` with its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: TokenizerFiles, source: Path) -> None:
        self.source = source
        self._model = model
        self._tokenizer = tokenizer
        self._engine: KeptEngine | None = None  # of the weights as they are

    @classmethod
    def load(cls, path: str | Path | None = None) -> QAModel:
        """The shipped reader, or the checkpoint in the folder `path`.

        A plain encoder is taken too; its span head is new and has to be fine-tuned. Raises ModelError with
        the reason: pickled, corrupt, weights and configuration that do not match, no tokenizer.
        """
        from qa_core.installation import WEIGHTS  # noqa: PLC0415 - only here

        if path is not None and not isinstance(path, str | PathLike):
            raise ModelError(f"{_seen(path)} is no path. Give that of a saved Hugging Face model")
        source = WEIGHTS / "reader" if path is None else Path(path)
        model = load_model(source)
        return cls(model, TokenizerFiles.open(source), source)

    def fine_tune(  # noqa: PLR0913 - all but the data at will, by name
        self,
        triplets: object,
        settings: FineTuneSettings | None = None,
        *,
        validation: object | None = None,
        skip_invalid: bool = False,
        work: str | Path | None = None,
        watch: Watch | None = None,
    ) -> FineTuneReport:
        """Fine-tune on triplets and keep the best weights; the report has each epoch's figures.

        The weights from before training are kept where no epoch is better.
        `triplets`: a list of {"context", "question", "answer"}, the path of a SQuAD, JSON or JSONL file, a
        `datasets.Dataset` or a `pandas.DataFrame`; see `load_triplets`. A fifth of the questions, whole
        contexts, is kept to validate on, unless `validation` or `settings.validation_share` say otherwise.
        With a folder `work` a run that was killed goes on there, to the same result. Whatever is raised, the
        model is as it was before; Ctrl-C raises `Interrupted`, a KeyboardInterrupt.
        """
        data = load_triplets(triplets, skip_invalid=skip_invalid)
        held_out = None if validation is None else load_triplets(validation, skip_invalid=skip_invalid)
        settings = settings or FineTuneSettings()
        prepared = Prepared.of(data, held_out, settings)
        self._engine = None
        with _folder_for(work) as folder:
            run = FineTuning(self._model, self._windower(), prepared, settings, folder)
            return run.run(watch or Watch())

    def predict(self, question: str, context: str | None = None) -> Prediction:
        """The answer in the context; without one, in the indexed manuals.

        `score` for a context is the span's share of probability among the best spans and "no answer";
        for the manuals it is the calibrated confidence. Raises DataError for an empty question and for what
        is no text, IndexingError where no manuals are indexed.
        """
        question = _readable(question, "question")
        if not question.strip():
            raise DataError("The question is empty. Ask something, for example: How do I reset it?")
        if context is None:
            return self._predict_from_manuals(question)
        readable = _readable(context, "context")
        hit = Hit(Passage("context", _MANUAL, Section((), readable), 0, len(readable)), 0.0, 0.0, 0.0)
        [reading] = self._reader().read(question, [hit])
        return _of_reading(reading, context)

    def save(self, path: str | Path) -> None:
        """Write the model to a folder: fp16 safetensors, config, tokenizer.

        The folder is read by `QAModel.load`, by MANUALBOT_READER and by plain transformers; shards and
        tokenizer files of a model that was there are removed. Raises ModelError where it cannot be written.
        """
        folder = Path(path)
        save_weights(self._model, folder)
        self._tokenizer.save(folder)

    def _windower(self) -> Windower:
        return Windower(self._tokenizer.tokenizer, window_settings(self._model.config.to_dict()))

    def _reader(self) -> Reader:
        return Reader(self._windower(), _ModelSession(self._model), "unsaved")

    def _predict_from_manuals(self, question: str) -> Prediction:
        if self._engine is None:
            self._engine = KeptEngine(self._reader())
        answer = self._engine.current().ask(question)
        text = answer.hits[0].passage.text if answer.hits else ""
        if answer.span is None:
            return Prediction(None, None, None, answer.confidence, text, answer)
        start, end = answer.span.start, answer.span.end
        return Prediction(text[start:end], start, end, answer.confidence, text, answer)


@contextmanager
def _folder_for(work: str | Path | None) -> Iterator[Path]:
    """The folder `work`, or one that goes when the run ends: nothing goes on there then."""
    if work is not None:
        yield Path(work)
        return
    try:
        with tempfile.TemporaryDirectory(prefix="fine-tuning-") as temporary:
            yield Path(temporary)
    except Interrupted as interrupted:
        raise Interrupted(interrupted.done, None) from None


class _ModelSession:
    """The model in memory, where a reader expects a runtime."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model.train(False)
        self.input_names = input_names(model)

    def run(self, inputs: Inputs) -> Outputs:
        """`(start_logits, end_logits)` of `[batch, tokens]`."""
        with torch.inference_mode():
            tensors = {
                name: torch.from_numpy(inputs[name]).to(self._model.device) for name in self.input_names
            }
            out = self._model(**tensors)
        return out.start_logits.float().cpu().numpy(), out.end_logits.float().cpu().numpy()


def _readable(text: object, name: str) -> str:
    """The text with � for each half of a character, which no tokenizer takes; offsets stay the same."""
    if not isinstance(text, str):
        raise DataError(f"The {name} is {_seen(text)}. Give a text")
    return _HALF.sub("�", text)


def _seen(value: object) -> str:
    return f"{value!r:.80} ({type(value).__name__})"


def _of_reading(reading: Reading, context: str) -> Prediction:
    if not reading.spans:
        return Prediction(None, None, None, 1.0, context)
    scores = np.array([reading.null_score, *(span.score for span in reading.spans)], dtype=np.float64)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    if scores[0] >= scores[1]:
        return Prediction(None, None, None, float(shares[0]), context)
    best = reading.spans[0]
    return Prediction(context[best.start : best.end], best.start, best.end, float(shares[1]), context)
