"""How long an excerpt should be: other settings beside those of `qa_core.excerpt.ExcerptSettings`.

    python -m training.recipes.shown DATA

ROUGE-L of what is shown and its length ratio on TV-Remote, for each setting, on half A and half B;
means over seeds 0 to 2. The calibration is the current release's.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from statistics import fmean, median

from qa_core.engine import Engine
from qa_core.excerpt import ExcerptSettings, blocks_of, choose_excerpt, evidence
from training import metrics
from training.calibrate import Sample
from training.recipes.corpora import temporary_corpora
from training.recipes.halves import SEEDS, split_halves
from training.recipes.tv_remote import manual_path, read_tv_questions

GRID = product((70, 85, 100, 120), (0.0, 0.15, 0.3), (0.0, 0.5, 1.0, 2.0))


def shown_text(engine: Engine, sample: Sample, settings: ExcerptSettings) -> str:
    """What the engine would show with these settings."""
    reading = engine.models.calibrator.rank(sample.found.asked, sample.found.readings)[0]
    passage = reading.hit.passage
    text = passage.section.text
    blocks = blocks_of(passage, settings)
    vectors = engine.models.encoder.encode([text[b.start : b.end] for b in blocks])
    strength = evidence(sample.found.asked, reading, blocks, vectors @ sample.found.vector, settings)
    excerpt = choose_excerpt(reading, blocks, strength, settings).excerpt
    return text[excerpt.start : excerpt.end]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with tv-remote/")
    data = parser.parse_args().data
    tv = read_tv_questions(data)
    halves = [split_halves([q.group for q in tv], seed) for seed in SEEDS]
    with temporary_corpora() as corpora:
        engine = corpora.engine([manual_path(data)])
        samples = [Sample(q.question, engine.find(q.question.text)) for q in tv]
        print("words floor spans   A: ROUGE-L  ratio   B: ROUGE-L  ratio")
        for max_words, floor, span_weight in GRID:
            settings = ExcerptSettings(max_words, floor, span_weight)
            texts = [shown_text(engine, sample, settings) for sample in samples]
            cells = []
            for rows in ([half.a for half in halves], [half.b for half in halves]):
                scores = [
                    metrics.best_over_golds(metrics.rouge_l, texts[i], tv[i].question.answers)
                    for half in rows
                    for i in half
                ]
                gold = [len(tv[i].question.answers[0].split()) for half in rows for i in half]
                length = [len(texts[i].split()) for half in rows for i in half]
                cells.append(f"{fmean(scores):14.3f}{median(length) / median(gold):7.2f}")
            print(f"{max_words:5}{floor:6.2f}{span_weight:6.1f}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
