"""The report of a retraining for people: as text, and as one HTML file that needs nothing beside it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from training.reading.epoch_table import epoch_table
from training.retraining.frozen import Result
from training.retraining.job_report import ChangedAnswer, JobReport
from training.retraining.pictures import before_after, learning_curve

N_CHANGED_IN_TEXT = 10

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --better: #2e7d5b; --worse: #b3403a; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.verdict { border-left: 4px solid var(--worse); padding: .4rem 1rem; }
.verdict.passed { border-color: var(--better); }
table { border-collapse: collapse; width: 100%; } td, th { padding: .3rem .6rem; text-align: left;
  border-bottom: 1px solid var(--line); vertical-align: top; } td.n { text-align: right; }
img { max-width: 100%; background: #fff; border-radius: 4px; }
.question { font-weight: 600; } .place { opacity: .7; font-size: .85rem; }
.text { white-space: pre-wrap; } .better { color: var(--better); } .worse { color: var(--worse); }
.changed td { width: 50%; } .scroll { overflow-x: auto; }
"""


def headline(report: JobReport) -> str:
    """The verdict in one line."""
    if report.dry_run:
        would = "would be" if report.verdict.passed else "would not be"
        return f"Job {report.job}, a dry run: the candidate {would} promoted over {report.base}"
    passed = "passed" if report.verdict.passed else "did not pass"
    return f"Job {report.job}: the candidate {passed} the gate against {report.base}"


def report_text(report: JobReport) -> str:
    """The report as plain text."""
    changed = report.changed[:N_CHANGED_IN_TEXT]
    more = len(report.changed) - len(changed)
    blocks = [
        headline(report),
        "\n".join(f"- {reason}" for reason in report.verdict.reasons),
        "\n".join(f"{name:<38}{number:>7}" for name, number in report.counts.items()),
        f"Regression set: {report.regression_origin}",
        "Reader\n" + epoch_table(report.reader_epochs) if report.reader_epochs else "",
        "Encoder\n" + encoder_table(report) if report.encoder_epochs else "",
        "\n".join(report.notes),
        figures_table(report),
        f"{len(report.changed)} answers changed" + (":" if changed else ""),
        *map(_changed_text, changed),
        f"… and {more} more: manualbot report {report.job} --out report.html" if more > 0 else "",
    ]
    return "\n\n".join(block for block in blocks if block)


def encoder_table(report: JobReport) -> str:
    """The table *Epoch · Loss · MRR* as text."""
    lines = [f"{'Epoch':>5}  {'Loss ↓':>7}  {'MRR ↑':>7}"]
    lines += [
        f"{each.number:>5}  {figure_text(each.train_loss):>7}  {figure_text(each.mrr):>7}"
        for each in report.encoder_epochs
    ]
    return "\n".join(lines)


def figures_table(report: JobReport) -> str:
    """Every figure before and after, as text."""
    lines = [f"{'figure':<44}{report.base:>12}{'candidate':>12}"]
    lines += [
        f"{name:<44}{figure_text(report.before.get(name)):>12}{figure_text(value):>12}"
        for name, value in report.after.items()
    ]
    return "\n".join(lines)


def report_html(report: JobReport) -> str:
    """The whole report as one HTML page: styles and pictures are in it, nothing is loaded."""
    body = "\n".join(_body(report))
    title = escape(f"Retraining {report.job}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(report: JobReport) -> Iterator[str]:
    passed = " passed" if report.verdict.passed else ""
    reasons = "".join(f"<p>{escape(reason)}</p>" for reason in report.verdict.reasons)
    yield f"<h1>{escape(headline(report))}</h1>"
    yield f'<div class="verdict{passed}">{reasons}</div>'
    yield "<h2>Before and after</h2>"
    yield _picture(before_after(report), "Figures before and after")
    yield _table(
        ("figure", report.base, "candidate"),
        (
            (name, figure_text(report.before.get(name)), figure_text(value))
            for name, value in report.after.items()
        ),
    )
    yield "<h2>Learning</h2>"
    yield _picture(learning_curve(report), "Learning curves")
    yield from _epochs(report)
    yield "".join(f"<p>{escape(note)}</p>" for note in report.notes)
    yield f"<h2>Answers that changed ({len(report.changed)})</h2>"
    yield _changed_table(report.changed) if report.changed else "<p>None.</p>"
    yield "<h2>What it was made from</h2>"
    yield _table(("", "number"), ((name, str(number)) for name, number in report.counts.items()))
    yield f"<p>Regression set: {escape(report.regression_origin)}.</p>"
    yield f"<p>Data {escape(report.digest[:16])}, seed {report.seed}, made {escape(report.made)}.</p>"
    yield _table(("stage", "seconds"), ((name, f"{s:.1f}") for name, s in report.seconds.items()))


def _epochs(report: JobReport) -> Iterator[str]:
    if report.reader_epochs:
        rows = (
            (
                f"reader {each.epoch.number}",
                figure_text(each.epoch.train_loss),
                figure_text(each.epoch.figures.loss if each.epoch.figures else None),
                figure_text(each.epoch.figures.accuracy if each.epoch.figures else None),
                each.observation,
            )
            for each in report.reader_epochs
        )
        yield _table(("epoch", "training loss ↓", "loss ↓", "accuracy ↑", "observation"), rows)
    if report.encoder_epochs:
        epochs = (
            (f"encoder {e.number}", figure_text(e.train_loss), figure_text(e.mrr))
            for e in report.encoder_epochs
        )
        yield _table(("epoch", "training loss ↓", "MRR ↑"), epochs)


def _changed_table(changed: Sequence[ChangedAnswer]) -> str:
    rows = []
    for each in changed:
        gold = " / ".join(each.golds) or "no manual answers it"
        rows.append(
            f'<tr><td colspan="2"><span class="question">{escape(each.question)}</span> '
            f'<span class="{_mark(each)}">{_mark(each)}</span><br>'
            f'<span class="place">{escape(each.part)}; right: {escape(gold)}</span></td></tr>'
            f"<tr>{_answer_cell(each.before)}{_answer_cell(each.after)}</tr>"
        )
    head = "<tr><th>before</th><th>after</th></tr>"
    return f'<div class="scroll"><table class="changed">{head}{"".join(rows)}</table></div>'


def _answer_cell(result: Result) -> str:
    place = f'<br><span class="place">{escape(result.place or "")}; confidence {result.confidence:.2f}</span>'
    return f'<td><span class="text">{escape(_said(result))}</span>{place}</td>'


def _changed_text(each: ChangedAnswer) -> str:
    return (
        f"{each.question}   [{each.part}, {_mark(each)}]\n"
        f"  before: {_said(each.before)}\n  after:  {_said(each.after)}"
    )


def _said(result: Result) -> str:
    return "Not in the manuals" if result.declined or result.shown is None else result.shown


def _mark(each: ChangedAnswer) -> str:
    if each.change == 0:
        return "as good"
    return "better" if each.change > 0 else "worse"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{cells}</tr>{lines}</table></div>'


def _picture(png: bytes, alt: str) -> str:
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def figure_text(value: float | None) -> str:
    """Three digits, or a dash where there is no figure."""
    return "–" if value is None else f"{value:.3f}"
