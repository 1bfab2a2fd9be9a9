"""The codes and models that a product's manuals have, and those of a question that they lack.

"HX 540" where there are an HX 510 and an HX 530, "E77" or "error 23" beside others, "Trail 7" of a Trail 5:
the manuals do not say, however near a passage's words come. To decline what they answer is worse than to miss
a code: a question's counts where it is in capitals or behind "error", and the manuals have others like it. In
small letters it does where the manuals have its letters in capitals, and as a word nowhere else: "gs 620",
but not "port 3" of a PORT 1 and "the port".
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from string import digits

from qa_core.asked.amounts import is_counted, is_measured
from qa_core.asked.endings import is_of_name, models_apart
from qa_core.asked.letter_codes import letter_faults, letter_rows, letters_in, tells_of_faults
from qa_core.asked.listed_names import ListedNames
from qa_core.asked.numbered_names import FAULT_KEY, LONGEST_OF_FAULT, STANDARDS, Code, codes_in, plain_number
from qa_core.asked.numbered_rows import NumberedRows
from qa_core.asked.row_keys import FAULT_WORD
from qa_core.asked.variants import Variants
from qa_core.asked.written_codes import FAULT, FAULT_ROW, WrittenCodes, fault_numbers
from qa_core.named.marks import is_name
from qa_core.tokens import STOP_WORDS

_FAULT_WORDS = rf"{FAULT_WORD}s?"
_FAULT_WORD = re.compile(rf"\b{_FAULT_WORDS}\b", re.IGNORECASE)
_BEHIND_A_FAULT_WORD = re.compile(rf"\b{_FAULT_WORDS}[ :#]{{1,2}}$", re.IGNORECASE)
_VERSION_WORDS = ("v", "ver", "version", "rev", "revision", "release", "firmware", "software", "app")
_WORDS = STOP_WORDS | {"am", "not", "off", "ok", "on", "out", "pin", "pm", "set", "up", "x"}
_NO_LETTERS = _WORDS | STANDARDS | frozenset(_VERSION_WORDS)
_FAULT_NUMBER = re.compile(r"(?<![^\W_])\d{1,4}(?![^\W_])")
_USUAL_FAULT = 3  # digits of most faults: a longer number is one beside others as long
# "700D": a model that is led by its number. "180C" is a temperature, "720P" a picture's size.
_NUMBER_FIRST = re.compile(r"(?<![\w.,/-])(\d{3,4})(?!(?:[CFIKP]|TH|ST|ND|RD)(?![^\W_]))[A-Z]{1,2}(?![\w/-])")
_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL_WORD = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")
_N_SISTERS = 2  # codes of the same letters from which on there is a row of them
_N_FAULTS = 3


class Codes:
    """What the manuals of one product have."""

    def __init__(
        self,
        product: str,
        products: Iterable[str],
        texts: Sequence[tuple[str, str]],
        written: WrittenCodes,
        titles: Iterable[str] = (),
    ) -> None:
        """`products` are all there are; `texts` are the product's passages, each with its heading.

        `written` are its codes as these write them; `titles` those of its manuals: where a product is called
        as its folder is, they have the name.
        """
        self._known: dict[str, set[str]] = defaultdict(set)  # numbers by letters
        self._ranges: dict[str, set[tuple[int, int]]] = defaultdict(set)
        self._rows: dict[str, set[str]] = defaultdict(set)  # of what is written as codes are
        self._forms: dict[str, set[str]] = defaultdict(set)  # the models of these
        self._apart: set[str] = set()  # numbers with the letters that stand behind them, as of a model
        self._capitals: set[str] = set()  # letters of what is so beside the product's words
        self._small = frozenset(word for _, text in texts for word in _SMALL_WORD.findall(text))
        letters = frozenset().union(*(letter_rows(heading, text) for heading, text in texts))
        self._letters = letters_in(product).union(*(letters_in(f"{each[0]}\n{each[1]}") for each in texts))
        self._faults = written.faults
        self._fault_letters = written.fault_letters
        self._n_faults = len(self._faults) + len(letters)
        self._product = frozenset(code.key for code in codes_in(product))
        named = frozenset(_WORD.findall(" ".join(titles).casefold())) - self._small
        self._words = named.union(_WORD.findall(product.casefold())) - STOP_WORDS
        self._variants = Variants(texts, self._words)
        self._numbered_rows = NumberedRows(text for _, text in texts)
        self._listed = ListedNames(f"{heading}\n{text}" for heading, text in texts)
        for name in products:
            for code in codes_in(name):
                if code.key in self._product:
                    self._rows[code.key].update(code.numbers)
        self._models = _models_in(_as_title(product))  # that are led by their numbers
        self._n_telling = 1 if self._models else _N_SISTERS
        if self._models:
            self._models = self._models.union(*(_models_in(_as_title(name)) for name in products))
        self._add(product)
        for heading, text in texts:
            self._add(f"{heading}\n{text}")
            self._models |= _models_in(f"{heading}\n{text}")
            if tells_of_faults(heading, text):
                self._add_faults(text)

    def lack(self, question: str) -> bool:
        """Whether the question names a code or a model that is none of these, but like some of them.

        One of a row that is there is enough: "E5 or E77?" has an answer.
        """
        question = unicodedata.normalize("NFKC", question)
        if any(each.lack(question) for each in (self._variants, self._numbered_rows, self._listed)):
            return True
        codes = tuple(codes_in(question))
        if any(self._variants.lack_behind(question, code.end) for code in codes if self._is_series(code)):
            return True
        there = {code.key for code in codes if self._is_there(code, question)}
        if any(self._is_like_some(code, question) for code in codes if code.key not in there):
            return True
        models = _models_in(question)
        if models and len(self._models) >= self._n_telling and models.isdisjoint(self._models):
            return True
        letters = letter_faults(question)
        if self._n_faults >= _N_FAULTS and letters and letters.isdisjoint(self._letters):
            return True
        faults = {plain_number(found[2]) for found in fault_numbers(question)}
        n_like = max(map(self._n_faults_like, faults), default=0)
        return n_like >= _N_FAULTS and not any(map(self._has_fault, faults))

    def tell_of_version(self, number: str) -> bool:
        """Whether the manuals name a version, as "firmware 4.1" does."""
        return any(number in self._known.get(word, ()) for word in _VERSION_WORDS)

    def _add(self, text: str) -> None:
        if _FAULT_WORD.search(text):  # which is found much faster
            self._known[FAULT_KEY].update(plain_number(found[2]) for found in FAULT.finditer(text))
        self._apart |= models_apart(text)
        for code in codes_in(text):
            self._known[code.key].update(code.numbers, (number.split(".")[0] for number in code.numbers))
            self._ranges[code.key].update(code.ranges)
            if code.is_parted:  # it may be asked for by its end alone
                self._known[code.key.split("-")[1]].update(code.numbers)
            if not code.is_loose and (code.is_capital or code.key in {FAULT_KEY, *self._words}):
                self._rows[code.key].update(code.row)
                self._forms[code.key].add(code.model)
                if code.is_capital:
                    self._capitals.add(code.key)

    def _add_faults(self, text: str) -> None:
        self._known[FAULT_KEY].update(map(plain_number, _FAULT_NUMBER.findall(text)))
        for row in FAULT_ROW.finditer(text):
            self._ranges[FAULT_KEY].update(
                (int(first), int(last))
                for first, last in re.findall(r"(\d+) ?(?:[~–-]|to) ?[A-Z]*(\d+)", row[1])
            )

    def _is_like_some(self, code: Code, question: str) -> bool:
        """Whether a question's code is written as one, and there are others of its letters."""
        is_own, is_letter = code.key in self._product, len(code.letters) == 1
        lacks_ending = self._lacks_ending(code, question)
        if lacks_ending:
            n_like = len(self._forms[code.key])
        else:
            n_like = len(self._rows.get(code.key, set()) - {self._meant(code)[0], code.model})
        is_of_one = is_own or code.is_parted or code.key in self._fault_letters
        n_telling = 1 if is_of_one else _N_SISTERS
        if code.is_loose or code.key == FAULT_KEY or n_like < n_telling:
            return False
        before = re.search(r"([^\W\d_]+) $", question[: code.start])
        if is_own and before and before[1].casefold() in self._words:  # "mossi x3"
            return not is_measured(question, code.end)
        is_amount = is_counted(question, code.end) and not (
            code.is_glued or lacks_ending or self._has_ending(code)
        )
        if code.key in self._words or (is_own and not is_letter):
            is_capital = is_name(question, code.start, code.end) or self._ends(code, question)
            return is_capital or (self._is_small(code) and not is_amount)
        is_word = (
            code.key in _NO_LETTERS and not is_own and not (code.letters == "X" and len(code.numbers[0]) > 1)
        )
        if is_letter and code.is_glued:
            is_word = is_word and code.key not in STOP_WORDS  # "A5"
        is_fault = code.is_glued and len(code.letters) <= LONGEST_OF_FAULT
        if is_fault and _BEHIND_A_FAULT_WORD.search(question[: code.start]):  # "error e77"
            return not is_word
        return (code.is_capital or self._is_small(code)) and not is_word and not is_amount

    def _is_small(self, code: Code) -> bool:
        """Whether a code of a question may be one that the manuals write in capitals: "lp-60", "gs 620"."""
        is_apart = len(code.letters) > 1 and code.key not in self._small
        return code.key in self._capitals and (code.is_glued or is_apart)

    def _ends(self, code: Code, question: str) -> bool:
        """Whether a question ends with the product's own word and a number: "battery size auralia 40"."""
        return code.key in self._words and not re.search(r"[^\W_]", question[code.end :])

    def _meant(self, code: Code) -> tuple[str, ...]:
        """The numbers of a question's code: of "TC 36-50" no 50, where models are written so.

        So of "HC 36/80", where the halves of such models nowhere stand alone.
        """
        forms = self._forms.get(code.key, set())
        pairs = [form.split("/") for form in forms if "/" in form]
        if "/" in code.model and len(pairs) >= _N_SISTERS and forms.isdisjoint(chain.from_iterable(pairs)):
            return (code.model,)
        parted = tuple(number for number in code.numbers if "-" in number)
        is_usual = any("-" in number for number in self._known.get(code.key, ()))
        return parted if parted and is_usual else code.numbers

    def _is_series(self, code: Code) -> bool:
        """Whether a question's code is of letters that models have: "S 22", but not "at 22"."""
        is_own = code.key in self._product or code.key in self._words
        is_word = code.key in _NO_LETTERS and not (code.is_glued and len(code.letters) == 1)
        return (is_own or len(self._forms.get(code.key, ())) >= _N_SISTERS) and not is_word

    def _is_there(self, code: Code, question: str) -> bool:
        lacks_ending = self._lacks_ending(code, question)
        return not lacks_ending and any(self._has(code.key, each) for each in self._meant(code))

    def _lacks_ending(self, code: Code, question: str) -> bool:
        """Whether there is a code's number, but not with the letters behind it: "LP-20W"."""
        forms = self._forms.get(code.key, set())
        is_one = len(code.numbers) == 1 and code.numbers[0] in forms
        if not is_one or code.model in forms | self._apart:
            return False
        return self._has_ending(code) or is_of_name(code, question)

    def _has_ending(self, code: Code) -> bool:
        """Whether the letters behind a code's number belong to codes of its letters: "PowerFill 8A"."""
        forms = self._forms.get(code.key, ())
        return bool(code.ending) and any(form.lstrip(digits) == code.ending for form in forms)

    def _n_faults_like(self, number: str) -> int:
        """How many faults there are like one with a number."""
        rows = self._rows.get(FAULT_KEY, set())
        if len(number) > _USUAL_FAULT:
            return sum(len(each) == len(number) for each in self._faults | rows)
        return max(self._n_faults, len(rows))

    def _has(self, key: str, number: str) -> bool:
        return number in self._known.get(key, ()) or (
            number.isdigit()
            and any(first <= int(number) <= last for first, last in self._ranges.get(key, ()))
        )

    def _has_fault(self, number: str) -> bool:
        """Whether any short code has a fault's number."""
        short = (key for key in self._known if len(key) <= LONGEST_OF_FAULT)
        return self._has(FAULT_KEY, number) or any(number in self._known[key] for key in short)


def _as_title(product: str) -> str:
    """A product's name in capitals, its words apart: it may be that of a folder."""
    return re.sub(r"[-_]", " ", product).upper()


def _models_in(text: str) -> frozenset[str]:
    """The models of a text that are led by their numbers: "700D"; what measures something is none."""
    found = _NUMBER_FIRST.finditer(text)
    return frozenset(each[0] for each in found if not is_measured(text, each.start() + len(each[1])))
