"""The words of a text as keyword search sees them: folded, stemmed, part numbers and codes whole."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

# Words that say nothing about the subject. "on", "off", "up", "out" and "not" do, in manuals.
STOP_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before being both but by can
    cannot could did do does doing don done each either else etc for from further get gets give go got
    had has have having he hello help her here hers hey hi him his how i if in into is it its just kindly
    know let like ll many may me might mine more most much must my need of or other our ours please
    possible re s same shall she should so some such t tell than thank thanks that the their them then
    there these they this those through to too us use used using ve very want was way we were what when
    where whether which while who whom whose why will with would you your yours
    """.split()  # noqa: SIM905 - a list of 170 quoted words is no better to read
)


class _Stemmer(threading.local):
    """A stemmer for each thread: it works on a buffer of its own, and two threads in one give wrong stems."""

    def __init__(self) -> None:
        self._stemmer = snowballstemmer.stemmer("english")

    def stem(self, word: str) -> str:
        """The word without its endings."""
        return str(self._stemmer.stemWord(word))


_STEMMER = _Stemmer()
_SMILEYS = "\U0001f000"  # from here on there are pictures
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | {"’": "'", "ʼ": "'"})
# A run of letters and digits; with what a code or number may have inside: "HD-7710", "2.4", "usb-c".
_WORD = re.compile(r"[^\W_]+(?:(?:[-_]|(?<=\d)[.,/](?=\d))[^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)+")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_PADDED_CODE = re.compile(r"([a-z]{1,3})0+(\d+)")  # "e02"
# "e 4"; neither "5 v 2" nor "4 x 25".
_LETTER_AND_NUMBER = re.compile(r"(?<![^\W_])(?<!['-])(?<!\d )([b-hj-wyz]) (\d{1,4})(?![^\W_]|[-.,/]\d)")
# Up to three letters, a space, a number: "LK 4".
_SPACED_CODE = re.compile(r"(?<![^\W_])(?<!')([^\W\d_]{1,3}) (\d{1,5}[^\W\d_]?)(?![^\W_]|[-.,/]\d)")


def tokenize(text: str) -> list[str]:
    """The tokens of a passage or question, in order, stop words left out.

    A code gives itself without its separators and, from two characters on, its parts: `HD-7710` is
    `hd7710`, `hd`, `7710`. So "E-4", "E4", "e_4" and "E 4" are all `e4`, which "E04" gives, too.
    """
    folded = _LETTER_AND_NUMBER.sub(r"\1\2", _fold(text))
    tokens = [token for match in _WORD.finditer(folded) for token in _word_tokens(match.group())]
    return tokens + list(_spaced_codes(folded))


def is_sign(char: str) -> bool:
    """Whether a character names a button, a light or a unit: ▲, +, %, °. Smileys do not."""
    is_symbol = unicodedata.category(char) in ("Sm", "Sc", "So") and char < _SMILEYS
    return char in "%#" or (is_symbol and char not in "~|❗❓❕❔")


def _fold(text: str) -> str:
    text = text.translate(_DASHES)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return text.lower()


@lru_cache(maxsize=200_000)
def _word_tokens(word: str) -> tuple[str, ...]:
    if _NUMBER.fullmatch(word):
        return (word,)
    squashed = re.sub(r"[-_]", "", word)
    has_digit = any(char.isdigit() for char in word)
    parts = _PARTS.findall(word) if has_digit else re.split(r"[-_]", word)
    if len(parts) == 1:
        return _kept(word)
    padded = _PADDED_CODE.fullmatch(squashed)
    short = (padded[1] + padded[2],) if padded else ()
    whole = squashed if has_digit else _STEMMER.stem(squashed)
    kept = (token for part in parts if len(part) > 1 for token in _kept(part))
    return (whole, *short, *kept)


def _kept(word: str) -> tuple[str, ...]:
    return () if word in STOP_WORDS else (_STEMMER.stem(word),)


def _spaced_codes(folded: str) -> Iterator[str]:
    for match in _SPACED_CODE.finditer(folded):
        if match.group(1) not in STOP_WORDS - {"s", "t"}:
            yield match.group(1) + match.group(2)
