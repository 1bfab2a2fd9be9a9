"""How good the current release is on a real manual: the TV-Remote protocols.

    python -m training.recipes.protocols DATA [--only tv …] [--json report.json] [--show 20]

DATA holds `tv-remote/` and `galaxy-manuals/`. Three protocols:
- tv: the TV's manual alone. Figures are those of half B (whole groups), mean over seeds 0 to 2 with the
  smallest and the largest; quality without declining. Half A is there to choose settings on.
- out-of-corpus: the TV's questions with a phone's manual, and a phone's questions with the TV's.
- distractors: tv, with all phone manuals indexed beside the TV's.
Every question is asked once for each corpus; halves are cut afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.evaluate import Answerer, Outcome, Report, ask_all, measure
from training.recipes.halves import SEEDS, split_halves
from training.recipes.out_of_corpus import (
    PHONES,
    DeclineRate,
    decline_rate,
    heading_tokens,
    headings_of,
    is_shared,
    phone_headings,
    sample_phone_questions,
)
from training.recipes.tv_remote import TvQuestion, manual_headings, manual_path, read_tv_questions

PROTOCOLS = ("tv", "out-of-corpus", "distractors")
OpenEngine = Callable[[Sequence[Path]], Answerer]


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the seeds; None where a seed has none."""

    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TvReport:
    """The TV's questions in one corpus: without declining, and the declines at the threshold."""

    corpus: str
    outcomes: tuple[Outcome, ...]
    whole: Report
    half_a: dict[str, Spread]
    half_b: dict[str, Spread]


def measure_tv(corpus: str, questions: Sequence[TvQuestion], outcomes: Sequence[Outcome]) -> TvReport:
    """The figures of all outcomes and of their halves; one outcome for each question, in order."""
    halves = [split_halves([question.group for question in questions], seed) for seed in SEEDS]
    half_a = [_report([outcomes[i] for i in half.a]) for half in halves]
    half_b = [_report([outcomes[i] for i in half.b]) for half in halves]
    return TvReport(corpus, tuple(outcomes), _report(outcomes), _spreads(half_a), _spreads(half_b))


def _report(outcomes: Sequence[Outcome]) -> Report:
    """Quality without declining; the shares declined are those at the threshold."""
    declining = {metric.name: metric for metric in measure(outcomes).metrics}
    answering = measure(outcomes, decline=False).metrics
    at_threshold = ("declined", "precision")
    return Report(tuple(declining[m.name] if m.name.startswith(at_threshold) else m for m in answering))


def _spreads(reports: Sequence[Report]) -> dict[str, Spread]:
    return {m.name: _spread([report.value(m.name) for report in reports]) for m in reports[0].metrics}


def _spread(values: Iterable[float | None]) -> Spread:
    known = [value for value in values if value is not None]
    if not known:
        return Spread(None, None, None)
    return Spread(sum(known) / len(known), min(known), max(known))


def measure_out_of_corpus(
    data: Path, questions: Sequence[TvQuestion], tv_engine: Answerer, open_engine: OpenEngine
) -> list[DeclineRate]:
    """The decline rates of questions on the other product; `tv_engine` knows the TV's manual only."""
    phones = data / "galaxy-manuals"
    phone_questions = sample_phone_questions(phone_headings(phones))
    name = "phone questions, TV manual"
    outcomes = ask_all(tv_engine, phone_questions, progress(name))
    headings = heading_tokens(manual_headings(data))
    shared = [is_shared(q.section or "", headings) for q in phone_questions]
    rates = [decline_rate(name, outcomes, shared)]
    for phone in PHONES:
        name = f"TV questions, {phone}"
        outcomes = ask_all(open_engine([phones / phone]), [q.question for q in questions], progress(name))
        headings = heading_tokens(headings_of(phones / phone))
        shared = [is_shared(q.annotated_section or "", headings) for q in questions]
        rates.append(decline_rate(name, outcomes, shared))
    return rates


def run(data: Path, only: Sequence[str], open_engine: OpenEngine) -> tuple[list[TvReport], list[DeclineRate]]:
    """The reports of the protocols named in `only`."""
    questions = read_tv_questions(data)
    reports: list[TvReport] = []
    rates: list[DeclineRate] = []
    if "tv" in only or "out-of-corpus" in only:
        engine = open_engine([manual_path(data)])
        outcomes = ask_all(engine, [q.question for q in questions], progress("tv"))
        if "tv" in only:
            reports.append(measure_tv("tv", questions, outcomes))
        if "out-of-corpus" in only:
            rates.append(decline_rate("TV questions, TV manual", outcomes, [False] * len(outcomes)))
            rates += measure_out_of_corpus(data, questions, engine, open_engine)
    if "distractors" in only:
        engine = open_engine([manual_path(data), data / "galaxy-manuals"])
        outcomes = ask_all(engine, [q.question for q in questions], progress("distractors"))
        reports.append(measure_tv("distractors", questions, outcomes))
    return reports, rates


def progress(name: str) -> Callable[[int], None]:
    """Tells on stderr how many questions have been asked, every hundred."""

    def on_asked(n_asked: int) -> None:
        if n_asked % 100 == 0:
            print(f"{name}: {n_asked} asked", file=sys.stderr)

    return on_asked


def tv_table(report: TvReport) -> str:
    """The figures as text: half B with its spread, half A, all."""
    lines = [f"{report.corpus:<26}{'half B':>10}{'low':>10}{'high':>10}{'half A':>10}{'all':>10}{'n':>6}"]
    for metric in report.whole.metrics:
        b, a = report.half_b[metric.name], report.half_a[metric.name]
        values = "".join(_cell(value) for value in (b.mean, b.low, b.high, a.mean, metric.value))
        lines.append(f"{metric.name:<26}{values}{metric.n:>6}")
    return "\n".join(lines)


def decline_table(rates: Sequence[DeclineRate]) -> str:
    """The decline rates as text: over all questions, and without those that both manuals answer."""
    lines = [f"{'declined':<34}{'all':>10}{'n':>6}{'not shared':>12}{'n':>6}"]
    lines += [
        f"{r.name:<34}{_cell(r.declined)}{r.n:>6}{_cell(r.declined_unshared):>12}{r.n_unshared:>6}"
        for r in rates
    ]
    return "\n".join(lines)


def outcome_text(outcome: Outcome) -> str:
    """A question with its gold and what it got, for a person who looks into failures."""
    question, answer = outcome.question, outcome.answer
    cited = answer.hits[0].passage.heading if answer.hits else None
    state = "declined" if outcome.declined else "given"
    verdict = f"{'right' if outcome.right else 'wrong'}, {state} at {answer.confidence:.2f}"
    return (
        f"? {question.text}\n  gold:    {' / '.join(question.answers)}\n  shown:   {answer.shown_text}\n"
        f"  span:    {answer.span_text}\n  section: {question.section} (rank {outcome.section_rank})"
        f", cited: {cited}\n  {verdict}\n"
    )


def as_json(reports: Sequence[TvReport], rates: Sequence[DeclineRate]) -> dict[str, Any]:
    """All figures; null for what cannot be computed."""
    halves = {
        r.corpus: {
            "half_b": {name: asdict(spread) for name, spread in r.half_b.items()},
            "half_a": {name: asdict(spread) for name, spread in r.half_a.items()},
            "all": r.whole.as_json(),
        }
        for r in reports
    }
    return {**halves, "out-of-corpus": [asdict(rate) for rate in rates]}


def _cell(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3f'):>10}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the protocols and print them."""
    parser = argparse.ArgumentParser(prog="python -m training.recipes.protocols", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("data", type=Path, help="folder with tv-remote/ and galaxy-manuals/")
    parser.add_argument("--only", nargs="+", choices=PROTOCOLS, default=PROTOCOLS, help="default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N questions, evenly spaced")
    options = parser.parse_args(arguments)
    from training.recipes.corpora import temporary_corpora  # noqa: PLC0415 - the models take seconds

    with temporary_corpora() as corpora:
        reports, rates = run(options.data, options.only, corpora.engine)
    for report in reports:
        step = max(1, len(report.outcomes) // options.show) if options.show else len(report.outcomes) + 1
        for outcome in report.outcomes[step - 1 :: step][: options.show]:
            print(outcome_text(outcome))
        print(tv_table(report), end="\n\n")
    if rates:
        print(decline_table(rates))
    if options.json:
        options.json.write_text(json.dumps(as_json(reports, rates), indent=2, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
