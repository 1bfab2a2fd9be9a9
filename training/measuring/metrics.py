"""The figures that answers are judged by: pure functions of texts, ranks and confidences.

Texts are compared as the field does it, so that figures can be held against published ones:
exact match and token F1 as in SQuAD's evaluation script (v2.0), ROUGE-L as in Google's
`rouge_score` without stemming. A rank counts from 1; None means not found.
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_NOT_ROUGE = re.compile(r"[^a-z0-9]+")


def normalize_squad(text: str) -> str:
    """The text as SQuAD compares it: lower case, without punctuation and articles, single spaces."""
    text = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", text).split())


def exact_match(text: str, gold: str) -> float:
    """1.0 if both are the same once normalised, else 0.0."""
    return float(normalize_squad(text) == normalize_squad(gold))


def token_f1(text: str, gold: str) -> float:
    """F1 of the normalised tokens that both share; if either has none, 1.0 only when both do."""
    tokens, gold_tokens = normalize_squad(text).split(), normalize_squad(gold).split()
    if not tokens or not gold_tokens:
        return float(tokens == gold_tokens)
    n_shared = sum((Counter(tokens) & Counter(gold_tokens)).values())
    return 2 * n_shared / (len(tokens) + len(gold_tokens))


def rouge_l_tokens(text: str) -> list[str]:
    """The runs of ASCII letters and digits in lower case: the tokens that ROUGE-L compares."""
    return _NOT_ROUGE.sub(" ", text.lower()).split()


def rouge_l_shares(text: str, gold: str) -> tuple[float, float]:
    """ROUGE-L precision and recall: the longest common subsequence, of the text and of gold.

    Lin (2004), "ROUGE: A Package for Automatic Evaluation of Summaries".
    """
    tokens, gold_tokens = rouge_l_tokens(text), rouge_l_tokens(gold)
    if not tokens or not gold_tokens:
        return 0.0, 0.0
    n_common = LCSseq.similarity(tokens, gold_tokens)
    return n_common / len(tokens), n_common / len(gold_tokens)


def rouge_l(text: str, gold: str) -> float:
    """ROUGE-L F1; 0.0 if either text has no tokens."""
    precision, recall = rouge_l_shares(text, gold)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def rouge_l_recall(text: str, gold: str) -> float:
    """ROUGE-L recall; 0.0 if either text has no tokens."""
    return rouge_l_shares(text, gold)[1]


def best_over_golds(metric: Callable[[str, str], float], text: str, golds: Sequence[str]) -> float:
    """The metric's value against the gold that fits best, as the official scripts take it."""
    return max(metric(text, gold) for gold in golds)


def hit_at_k(ranks: Sequence[int | None], k: int) -> float | None:
    """The share of ranks that are k or better; None of none."""
    return mean([float(rank is not None and rank <= k) for rank in ranks])


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float | None:
    """The mean of 1 / rank, 0 for what was not found; None of none."""
    return mean([0.0 if rank is None else 1 / rank for rank in ranks])


def mean(values: Sequence[float]) -> float | None:
    """The mean, or None of no values."""
    return math.fsum(values) / len(values) if values else None


def auroc(
    scores: Sequence[float], positives: Sequence[bool], weights: Sequence[float] | None = None
) -> float | None:
    """The chance that a positive scores above a negative, ties half; None if either is missing."""
    if len(set(positives)) < 2:
        return None
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - slow, and only here

    return float(roc_auc_score(np.asarray(positives), np.asarray(scores), sample_weight=weights))


def precision_at_coverage(
    confidences: Sequence[float], right: Sequence[bool], coverage: float
) -> float | None:
    """The share that is right among the most confident `coverage` (0 to 1) of all; None of none.

    Of equally confident ones the wrong come first, so the figure never flatters.
    """
    n_covered = math.ceil(coverage * len(right) - 1e-9)
    if n_covered <= 0:
        return None
    ranked = sorted(zip(confidences, right, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return sum(is_right for _, is_right in ranked[:n_covered]) / n_covered


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which `percent` of all lie, interpolated; None of none."""
    return float(np.percentile(values, percent)) if values else None
