"""The cells that a question asks for: the row of a table whose label it has, and the column that it names.

"Weight of the E7" wants the last cell of `Weight | Longhaul E5: 33.4 kg | Longhaul E7: 36.2 kg`. A small
reader takes what stands before the label in the row above, or what the sister model has: of 166 cells of
tables with a column per model 40 are marked without this, and 148 with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa_core.asked.amounts import with_units_apart
from qa_core.asked.cell_kinds import asked_name_of, asks_for_amount, is_amount
from qa_core.asked.measures import measures_of, without_measures
from qa_core.asked.row_cells import Cell, cells_within, rows_of
from qa_core.asked.signs import asked_states
from qa_core.named.marks import Mark
from qa_core.named.products import Products, product_key
from qa_core.tokens import tokenize

_ENOUGH = 0.5  # of the words of a row's label that a question has
_NEARLY_ALL = 0.75  # of the words of a label that is marked itself
_N_REMEMBERED = 100  # tables whose columns' names are kept
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")  # "Weight (kg)"
# "Weight without stand", "Duty cycle at full current".
_QUALIFIED = re.compile(r"(?<=\w) (?:at|during|excluding|including|in|when|while|with|without) ")
_BETWEEN_MERGED = ", "  # columns' names over a cell that spans them
_BETWEEN_MEASURES = re.compile(r" [x×] ")  # "Width x height"
_SET_AT_FIRST = frozenset({"default", "defaults", "delivered", "delivery", "factory", "preset"})
_WORD = re.compile(r"[^\W_]+")
_SEVERAL = re.compile(r"\band\b|[,&+]")
_LETTERED = re.compile(r"[^\W_] [A-Z]$")  # "Tovo S"
# "Which one carries most", "which is the widest".
_MOST = re.compile(
    r"\b(?:which|who)\b.*\b(?:best|least|most|worst"
    r"|(?!(?:chest|digest|guest|interest|latest|nest|request|rest|suggest|test|vest)\b)[^\W\d_]{2,}est)\b",
    re.IGNORECASE,
)
# What no cell tells.
HOW_TO = re.compile(r"\bhow (?:can|could|do|does|must|should|to|would)\b|\bsteps\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[Cell, ...]
    names: tuple[str, ...]  # of the columns behind the label
    labels: tuple[frozenset[str], ...]  # tokens of what the row tells, without those of asides
    words: frozenset[str]  # all tokens of the label
    subject: frozenset[str]  # tokens of what it tells of, without when: "Weight" of "Weight without stand"
    head: frozenset[str]  # the token of the subject's last word: "power" of "Motor power"

    @property
    def label(self) -> frozenset[str]:
        """The tokens of all that it tells."""
        return frozenset().union(*self.labels)

    def n_asked(self, asked: frozenset[str]) -> int:
        return len(self.words & asked)

    def is_asked(self, asked: frozenset[str], share: float) -> bool:
        """Whether a question has enough of the label, of which it has this share."""
        return share >= _ENOUGH or (bool(self.subject) and self.subject <= asked)

    def share_asked(self, asked: frozenset[str]) -> float:
        return max(len(label & asked) / max(len(label), 1) for label in self.labels)


def asked_cells(question: str, text: str, rows: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The offsets of the cells that are asked for among these rows, `text[start:end]`; none where unsure.

    One, or of each row that is asked for: "weight and range of the E7". Unsure it is where the question names
    no column of a row, or several, or another row is as near. A table of one column needs no name of it for a
    measure.
    """
    return tuple((cell.value, cell.end) for _, cell in _asked(question, measures_of(question), text, rows))


def answer_in_row(
    question: str, text: str, rows: Iterable[tuple[int, int]], start: int, end: int
) -> tuple[int, int]:
    """What answers in the row that `text[start:end]` lies in: the cell of the model that the question names.

    "How fast is the E7 uphill" has no word of the label "Climbing speed", and tells whose it is. Where the
    part is of the row's first cell, and its column's name or what the question says itself, the answer is
    what stands behind it; so it is where one of several is asked for that has most or least.
    """
    parsed = [_row(text, *row) for row in rows]
    row = next((each for each in parsed if each.cells[0].start <= start and end <= each.cells[-1].end), None)
    if row is None or len(row.cells) < 2:
        return start, end
    touched = [cell for cell in row.cells[1:] if cell.end > start and cell.value < end]
    if not touched and not _says_nothing(question, text[max(start, row.cells[0].value) : end]):
        return start, end
    names = frozenset(name for each in parsed for name in each.names if name)
    named = named_in(question, names) if names else frozenset()
    own = _only_cell(row, named, names)
    if not named and len(touched) == 1 and _compares(question, row, text):
        return row.cells[1].start, row.cells[-1].end
    if own and all(cell == own or _are_alike(row, own, cell, text) for cell in touched):
        return (start, end) if touched == [own] else (own.value, own.end)
    return (start, end) if touched else (row.cells[1].value, row.cells[-1].end)


def _compares(question: str, row: _Row, text: str) -> bool:
    """Whether a question asks which one has most or least of what a row tells of several."""
    return _MOST.search(question) is not None and row.cells[0].name(text) is None and len(set(row.names)) > 1


def _says_nothing(question: str, label: str) -> bool:
    """Whether a question has (nearly) all words of what leads a row; a column's name alone has none."""
    words = frozenset(tokenize(label))
    return len(words.intersection(tokenize(question))) >= _NEARLY_ALL * len(words)


def _only_cell(row: _Row, named: frozenset[str], names: frozenset[str]) -> Cell | None:
    """The row's cell in the named columns, if there is one alone."""
    cells = zip(row.cells[1:], row.names, strict=True)
    own = [cell for cell, name in cells if not named.isdisjoint(_keys(name, names))]
    return own[0] if len(own) == 1 else None


def _are_alike(row: _Row, one: Cell, other: Cell, text: str) -> bool:
    """Whether two columns are of models, not of properties: of rows with labels, or they share a word."""
    names = [frozenset(tokenize(cell.name(text) or "")) for cell in (one, other)]
    have_numbers = all(any(map(str.isdigit, "".join(name))) for name in names)
    return row.cells[0].name(text) is None or have_numbers or not names[0].isdisjoint(names[1])


def asks_for_its_cell(question: str, text: str, names: frozenset[str]) -> bool:
    """Whether a question asks for cells of a passage's tables, and for nothing else.

    `names` are the tokens of what the manual and its product are called.
    """
    rows = rows_of(text)
    if not rows or HOW_TO.search(question):
        return False
    measures = measures_of(question)
    found = _asked(question, measures, text, rows)
    if not found:
        return False
    columns = frozenset(tokenize(" ".join(cell.name(text) or "" for _, cell in found)))
    besides = frozenset(tokenize(without_measures(question))) - measures - names - columns
    labels = frozenset().union(*(row.words for row, _ in found))
    labels |= asked_name_of(question) & _tokens(" ".join(text[cell.value : cell.end] for _, cell in found))
    return bool(besides or measures) and besides <= labels


def _asked(
    question: str, measures: frozenset[str], text: str, rows: Iterable[tuple[int, int]]
) -> list[tuple[_Row, Cell]]:
    """The rows and the cells that are asked for; `measures` are those of the question."""
    parsed = [_row(text, start, end) for start, end in rows]
    names = frozenset(name for row in parsed for name in row.names if name)
    named = _named_columns(question, names, measures) if names else frozenset()
    columns = _tokens(" ".join(name for name in names if product_key(name) in named))
    own = {row: _own_cell(row, named, names, measures) for row in parsed}
    amounts = frozenset(row for row, cell in own.items() if cell and is_amount(text[cell.value : cell.end]))
    lettered = [row for row in parsed if _is_lettered(question, text, row.cells[0])]
    rows_asked = lettered or _asked_rows(parsed, question, measures, columns, amounts)
    if amounts.issuperset(rows_asked):
        rows_asked = _row_of_name(question, rows_asked, own, text) or rows_asked
    found = [(row, cell) for row in rows_asked if (cell := own[row])]
    return found if len(found) == len(rows_asked) else []


def _is_lettered(question: str, text: str, first: Cell) -> bool:
    """Whether a question has the capital letter that leads a row beside its column's name: "stage S"."""
    letter, name = text[first.value : first.end], first.name(text)
    if not name or len(letter) > 1 or not letter.isupper():
        return False
    column = f"(?i:{re.escape(name)})"
    return re.search(rf"\b(?:{column} {letter}|{letter}[ -]{column})\b", question) is not None


def _own_cell(
    row: _Row, named: frozenset[str], names: frozenset[str], measures: frozenset[str]
) -> Cell | None:
    """The row's cell that is asked for where the row is: of the named columns, or of the only one."""
    if len(names) < 2 and len(row.cells) == 2 and not measures.isdisjoint(row.words):
        return row.cells[1]
    return _only_cell(row, named, names)


def _row_of_name(
    question: str, asked: Sequence[_Row], own: Mapping[_Row, Cell | None], text: str
) -> Sequence[_Row]:
    """The row whose cell has the name that is asked for, in place of one that measures what it is of.

    "Which motor" is told by `Drive: motor M-16`, not by `Motor power: 2300 W`.
    """
    name = asked_name_of(question)
    if len(asked) != 1 or not name & asked[0].words or asked[0].head & _tokens(question):
        return ()
    told = [row for row, cell in own.items() if cell and name <= _tokens(text[cell.value : cell.end])]
    return told if len(told) == 1 else ()


def _named_columns(question: str, names: frozenset[str], measures: frozenset[str]) -> frozenset[str]:
    """The keys of the columns that a question names, be it in other words: "blinks" for "Flashing"."""
    named = named_in(question, names) or _of_measures(names, measures)
    return named or frozenset(map(product_key, asked_states(question, names)))


def _of_measures(names: frozenset[str], measures: frozenset[str]) -> frozenset[str]:
    """The keys of the columns that are called as the measures are: "Current" where amps are asked for."""
    return frozenset(product_key(name) for name in names if frozenset() < _tokens(name) <= measures)


def _row(text: str, start: int, end: int) -> _Row:
    cells = cells_within(text, start, end)
    names = tuple(_plain(cell.name(text) or "") for cell in cells[1:])
    label = text[cells[0].value : cells[0].end]
    labels = tuple(map(_tokens, _BETWEEN_MEASURES.split(_plain(label))))
    subject = _QUALIFIED.split(_plain(label), maxsplit=1)[0]
    return _Row(cells, names, labels, _tokens(label), _tokens(subject), _tokens(subject.rpartition(" ")[2]))


def _tokens(text: str) -> frozenset[str]:
    """The tokens of a label or a question, amounts in one spelling."""
    return frozenset(tokenize(with_units_apart(text)))


def _plain(name: str) -> str:
    """A name without its unit or another aside, where more is left."""
    return " ".join(_ASIDE.sub(" ", name).split()) or name


def _asked_rows(
    rows: Sequence[_Row],
    question: str,
    measures: frozenset[str],
    columns: frozenset[str],
    amounts: frozenset[_Row],
) -> Sequence[_Row]:
    """The rows whose whole labels a question in several parts has; else the one that is nearest.

    Where several are, the words of the columns that it names count for none: the "DV range" of the "DV 20".
    """
    asked = measures | _tokens(question)
    whole = [row for row in rows if row.label and row.label <= asked] if _SEVERAL.search(question) else []
    longest = [row for row in whole if not any(row.label < other.label for other in whole)]
    are_told_apart = len({row.label for row in longest}) == len(longest) > 1
    if are_told_apart:
        return longest
    wanted = amounts if asks_for_amount(question) else frozenset()
    return _nearest_row(rows, asked, wanted) or _nearest_row(rows, asked - columns, wanted)


def _nearest_row(rows: Sequence[_Row], asked: frozenset[str], wanted: frozenset[_Row]) -> Sequence[_Row]:
    """The row of whose label the question has most words, and enough; none where several are as near.

    Of several such one that is `wanted`, or of whose label it has the largest share. Half is enough, or the
    label's subject.
    """
    most = max((row.n_asked(asked) for row in rows), default=0)
    nearest = [row for row in rows if row.n_asked(asked) == most > 0]
    nearest = [row for row in nearest if row in wanted] or nearest
    share = max((row.share_asked(asked) for row in nearest), default=0.0)
    nearest = [row for row in nearest if row.share_asked(asked) == share]
    return nearest if len(nearest) == 1 and nearest[0].is_asked(asked, share) else ()


def named_in(question: str, names: frozenset[str]) -> frozenset[str]:
    """The keys of the columns that a question names: as it names products, or a model in any spelling.

    "Power of the sc 25" or "sc 25 power": a column's own name needs no sign that it is one. Models of one
    table are sisters: "the Plus" is the Tovo Plus beside a Tovo Home.

    "Default" names the column "Factory setting" alone: of which model it is the default is another matter.
    """
    alone = frozenset(name for name in names if len(_keys(name, names)) == 1)
    set_first = frozenset(product_key(name) for name in alone if _is_set_at_first(name))
    if set_first and _is_set_at_first(question):
        return set_first
    codes = {product_key(name): tuple(_WORD.findall(name.casefold())) for name in alone}
    written, rest = set(), question
    for key in sorted(codes, key=lambda key: (-len(codes[key]), key)):  # "BR-4 Pro" names no BR-4
        mark = Mark.of(codes[key]) if any(map(str.isdigit, key)) else None
        if mark and mark.is_spelled_in(rest):
            written.add(key)
            rest = mark.pattern.sub(" ", rest)
    named = _columns(alone).named_in(question)
    longer = [frozenset(codes[key]) for key in written]
    named -= {key for key in named if any(set(codes[key]) < more for more in longer)}
    lettered = {product_key(name): name[-1] for name in alone if _LETTERED.search(name)}
    return frozenset(
        written | {key for key in named if key not in lettered or _has_letter(question, lettered[key])}
    )


def _has_letter(question: str, letter: str) -> bool:
    """Whether a question has a letter by itself, which may be no token: "which Tovo" names no Tovo S."""
    return re.search(rf"(?<![\w'’]){letter}(?![^\W_])", question, re.IGNORECASE) is not None


def _is_set_at_first(text: str) -> bool:
    return not _SET_AT_FIRST.isdisjoint(_WORD.findall(text.casefold()))


@lru_cache(maxsize=_N_REMEMBERED)
def _columns(names: frozenset[str]) -> Products:
    return Products(names, n_shared=1)


def _keys(name: str, names: frozenset[str]) -> frozenset[str]:
    """The keys of the columns that a cell's name is of: several where it spans them."""
    parts = frozenset(name.split(_BETWEEN_MERGED))
    return frozenset(map(product_key, parts if parts <= names else [name]))
