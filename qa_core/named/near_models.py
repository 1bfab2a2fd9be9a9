"""What a question calls a model whose name goes on: "BX40" where there is a BX40W alone.

No manual has the shorter name, and of all models one goes on with a letter or two: that is meant. Of two,
a BX40W and a BX40B, it is not known which.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from qa_core.asked.numbered_names import Code, codes_in
from qa_core.named.models import Models, is_of_others
from qa_core.named.wording import Wording
from qa_core.spelling import Slip
from qa_core.types import Passage

_ENDED = re.compile(r"([^\W\d_]+ \d[\d.]*) ([^\W\d_]{1,2})")  # a model, its parts apart: "bx 40 w"


class NearModels:
    """The models of an index that have letters behind their numbers."""

    def __init__(self, passages: Sequence[Passage], models: Models, wording: Wording) -> None:
        self._wording = wording
        self._endings: dict[str, set[str]] = defaultdict(set)
        for ended in filter(None, map(_ENDED.fullmatch, models.names)):
            self._endings[ended[1]].add(ended[2])
        self._in_headings = frozenset(_names_in_headings(passages)) if self._endings else frozenset()

    def read(self, question: str) -> tuple[Slip, ...]:
        """The names of a question that stop short of a model's, each with that one's."""
        whole = ((code, question[code.start : code.end]) for code in self._short(question))
        return tuple((name, self._with_ending(name, code)) for code, name in whole)

    def corrected(self, question: str) -> str:
        """The question with the models' names for those that stop short of them."""
        for code in reversed(list(self._short(question))):
            name = self._with_ending(question[code.start : code.end], code)
            question = f"{question[: code.start]}{name}{question[code.end :]}"
        return question

    def _short(self, question: str) -> Iterator[Code]:
        for code in codes_in(question) if self._endings else ():
            is_name = code.is_capital or (code.is_glued and len(code.letters) > 1)
            if (
                is_name
                and not (code.is_loose or code.ending or is_of_others(question, code.start))
                and len(self._endings.get(_name(code), ())) == 1
                and _name(code) not in self._in_headings
                and not self._wording.in_any_case(_name(code))
            ):
                yield code

    def _with_ending(self, written: str, code: Code) -> str:
        [ending] = self._endings[_name(code)]
        return written + (ending.upper() if code.letters.isupper() else ending)


def _name(code: Code) -> str:
    return f"{code.letters.casefold()} {code.numbers[0]}"


def _names_in_headings(passages: Iterable[Passage]) -> Iterator[str]:
    """The names without letters behind their numbers that products, titles and headings have."""
    headings = {f"{each.manual.product}\n{each.manual.title}\n{each.heading}" for each in passages}
    return (_name(code) for heading in headings for code in codes_in(heading) if not code.ending)
