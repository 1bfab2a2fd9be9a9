"""The report of a fine-tuning for people: the table of epochs, a bar chart of the loss, Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from training.reading.fine_tune_report import FineTuneReport, ReportedEpoch

COLUMNS = ("Epoch", "Loss ↓", "Accuracy ↑", "Observation")
_WIDTH = 40  # characters of the longest bar
_N_LISTED = 20  # left-out records that the Markdown names


def row(reported: ReportedEpoch) -> tuple[str, str, str, str]:
    """The cells of an epoch; a dash where nothing was measured."""
    epoch = reported.epoch
    accuracy = "-" if epoch.figures is None else f"{epoch.figures.accuracy:.3f}"
    return str(epoch.number), _number(epoch.loss), accuracy, reported.observation


def table_line(cells: Sequence[str]) -> str:
    """One line of the table as text; the columns have fixed widths, so lines can be printed one by one."""
    return f"{cells[0]:>5}  {cells[1]:>7}  {cells[2]:>10}  {cells[3]}".rstrip()


def epoch_table(epochs: Sequence[ReportedEpoch]) -> str:
    """The table *Epoch · Loss ↓ · Accuracy ↑ · Observation* as text."""
    return "\n".join(table_line(cells) for cells in (COLUMNS, *map(row, epochs)))


def loss_chart(epochs: Sequence[ReportedEpoch], bar: str = "█") -> str:
    """A bar for each epoch's loss: training above, validation below; the longest is the highest loss."""
    drawn = list(_bars(epochs))
    highest = max((loss for _, _, loss in drawn), default=0.0)
    lines = [
        f"{label:>5}  {kind:<10}  {loss:7.3f}  {bar * max(1, round(_WIDTH * loss / (highest or 1.0)))}"
        for label, kind, loss in drawn
    ]
    return "\n".join(["Epoch  Loss", *lines])


def summary(report: FineTuneReport) -> str:
    """One or two sentences: which weights were kept, and what they reach against the model before."""
    ended = f"stopped early after epoch {report.epochs[-1].epoch.number}; " if report.stopped_early else ""
    best, before = report.best_epoch.figures, report.epochs[0].epoch.figures
    if best is None:
        return f"{ended.capitalize()}The weights of epoch {report.best} were kept; nothing was validated."
    was = f" (before training {before.exact_match:.1f} and {before.f1:.1f})" if before else ""
    kept = f"the weights of epoch {report.best} were kept"
    if report.best == 0:
        kept, was = "no epoch was better than the model before training, whose weights were kept", ""
    sentence = f"{ended}{kept}: exact match {best.exact_match:.1f}, F1 {best.f1:.1f}{was}"
    return f"{sentence[0].upper()}{sentence[1:]} on {best.n_questions} questions."


def notes(report: FineTuneReport) -> list[str]:
    """What a person should know of the run and its data, a sentence each."""
    head = "is new" if report.fresh_head else "was trained before"
    found = [f"Learning rate {report.settings['learning_rate']:g}; the span head {head}."]
    n_frozen = report.settings["n_frozen_layers"]
    if n_frozen:
        found.append(f"The embeddings and the lowest {n_frozen} layers of the encoder stayed as they were.")
    if report.n_shared:
        found.append(
            f"Validation questions on contexts that are trained on too: {report.n_shared} of "
            f"{report.n_validation}. The figures flatter the model: give validation data on other contexts."
        )
    if not report.n_answered:
        found.append('No question trained on has an answer: all that is learned is to say "no answer".')
    return found + _data_notes(report)


def _data_notes(report: FineTuneReport) -> list[str]:
    found = []
    if report.n_placed:
        found.append(
            f"Answers without an offset that stand several times in their context: {report.n_placed}. "
            "Each was taken where most of the question's words are nearby, the first of equals."
        )
    if report.n_unfit:
        found.append(f"Not trained on, as no window holds their answer whole: {report.n_unfit} questions.")
    if report.left_out:
        found.append(f"Records left out: {len(report.left_out)}.")
    if report.missed_share is not None:
        asked = report.settings["validation_share"]
        found.append(
            f"Validated on {report.missed_share:.0%} of the questions, where {asked:.0%} were asked for: "
            "contexts are drawn whole, and one is left to train on."
        )
    return found


def markdown(report: FineTuneReport) -> str:
    """The whole report, `report.md`; shows `curves.png` beside it."""
    sizes = (
        f"{report.n_train} questions trained on ({report.n_windows} windows), {report.n_validation} validated"
    )
    how = f"{report.device}, {report.dtype}, {report.seconds:.0f} s"
    listed = [f"- {left.record}: {left.reason}" for left in report.left_out[:_N_LISTED]]
    if len(report.left_out) > _N_LISTED:
        listed.append(f"- … and {len(report.left_out) - _N_LISTED} more, in report.json")
    rows = [_markdown_row(each) for each in report.epochs]
    parts = [
        "# Fine-tuning",
        summary(report),
        f"{sizes}; {how}. Run {report.identity}.",
        "| Epoch | Loss ↓ | Accuracy ↑ | Training loss | Exact match | F1 | Observation |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(rows),
        "```\n" + loss_chart(report.epochs) + "\n```",
        "![Learning curves](curves.png)",
        "\n".join([f"- {note}" for note in notes(report)] + listed),
        "Settings: " + ", ".join(f"{name} {value}" for name, value in report.settings.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown_row(reported: ReportedEpoch) -> str:
    number, loss, accuracy, observation = row(reported)
    figures = reported.epoch.figures
    exact, f1 = ("-", "-") if figures is None else (f"{figures.exact_match:.1f}", f"{figures.f1:.1f}")
    cells = (number, loss, accuracy, _number(reported.epoch.train_loss), exact, f1, observation)
    return f"| {' | '.join(cells)} |"


def _bars(epochs: Sequence[ReportedEpoch]) -> Iterator[tuple[str, str, float]]:
    for reported in epochs:
        label = str(reported.epoch.number)
        if reported.epoch.train_loss is not None:
            yield label, "training", reported.epoch.train_loss
            label = ""
        if reported.epoch.figures is not None:
            yield label, "validation", reported.epoch.figures.loss


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
