"""The last stage of fine-tuning: loss, accuracy, exact match and F1 on the validation part, in one pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from qa_core.errors import DataError, ModelError
from qa_core.reader import WindowLogits, best_spans, char_span
from training.reading.epochs import Figures
from training.reading.evaluate_reader import GoldContext, Prediction, score
from training.reading.examples import Example
from training.reading.span_forward import (
    READ_BATCH,
    Batch,
    SpanForward,
    allowed_tokens,
    batches_by_length,
    span_loss,
)


def validate(forward: SpanForward, examples: Sequence[Example], features: Batch) -> Figures:
    """Read every window once. Questions are scored as SQuAD's scripts do it.

    Where the examples have unanswerable questions the reader may say "no answer" (v2.0, threshold 0);
    otherwise every question gets the best span (v1.1). Raises DataError where there is no window to read,
    ModelError for logits that are not finite.
    """
    if not features:
        raise DataError(
            f"The contexts of all {len(examples)} validation questions hold nothing that the model reads. "
            "Give validation data whose contexts have words, or train without (validation share 0)"
        )
    forward.model.train(False)
    losses, n_right = [], 0
    read: list[list[WindowLogits]] = [[] for _ in examples]
    with torch.inference_mode():
        for rows in batches_by_length(features, READ_BATCH):
            batch = [features[i] for i in rows]
            logits = forward(batch)
            losses.append(float(span_loss(logits, batch).item()) * len(batch))
            n_right += _n_right(logits, batch)
            for feature, window_logits in zip(batch, _of_windows(logits, batch), strict=True):
                read[feature.example_index].append(window_logits)
    exact, f1 = _scores(examples, read)
    n = len(features)
    return Figures(sum(losses) / n, n_right / (2 * n), exact, f1, len(examples), n)


def read_windows(
    forward: SpanForward, examples: Sequence[Example], features: Batch
) -> list[list[WindowLogits]]:
    """The logits of each example's windows, in the order of `features`."""
    forward.model.train(False)
    logits_of: dict[int, WindowLogits] = {}
    with torch.inference_mode():
        for rows in batches_by_length(features, READ_BATCH):
            batch = [features[i] for i in rows]
            logits_of.update(zip(rows, _of_windows(forward(batch), batch), strict=True))
    read: list[list[WindowLogits]] = [[] for _ in examples]
    for i, feature in enumerate(features):
        read[feature.example_index].append(logits_of[i])
    return read


def _n_right(logits: tuple[torch.Tensor, torch.Tensor], batch: Batch) -> int:
    """How many starts and ends are the most probable token among the allowed ones."""
    allowed = allowed_tokens(batch, logits[0].shape[1])
    n_right = 0
    for scores, gold in zip(logits, ([f.start for f in batch], [f.end for f in batch]), strict=True):
        best = scores.float().cpu().masked_fill(~allowed, -torch.inf).argmax(dim=1)
        n_right += int((best == torch.tensor(gold)).sum())
    return n_right


def _of_windows(logits: tuple[torch.Tensor, torch.Tensor], batch: Batch) -> list[WindowLogits]:
    starts, ends = (scores.float().cpu().numpy() for scores in logits)
    lengths = [len(feature.window.input_ids) for feature in batch]
    windows = [
        WindowLogits(feature.window, start[:n], end[:n])
        for feature, start, end, n in zip(batch, starts, ends, lengths, strict=True)
    ]
    if not all(np.isfinite(each.start).all() and np.isfinite(each.end).all() for each in windows):
        raise ModelError(
            "The model gives a logit that is not finite. Lower the learning rate, or start from another model"
        )
    return windows


def _scores(examples: Sequence[Example], read: Sequence[Sequence[WindowLogits]]) -> tuple[float, float]:
    golds = [_gold(example) for example in examples]
    predictions = [_predict(example, parts) for example, parts in zip(examples, read, strict=True)]
    report = score(golds, predictions)
    return float(report.value("exact_match") or 0.0), float(report.value("f1") or 0.0)


def _gold(example: Example) -> GoldContext:
    answers = () if example.answer is None else (example.answer, *example.other_answers)
    return GoldContext(example.id, example.question, example.context, answers)


def _predict(example: Example, parts: Sequence[WindowLogits]) -> Prediction:
    if not parts:  # a context without words
        return Prediction("", 0.0)
    best = max(((p, s) for p in parts for s in best_spans(p, n_best=1)), key=lambda found: found[1].score)
    span = char_span(best[0].window, best[1])
    null_score = min(part.null_score for part in parts)
    return Prediction(example.context[span.start : span.end], null_score - best[1].score)
