"""Questions on one product while only another's manual is indexed: how many are declined.

Phone questions are made from headings of phone manuals, by two templates. Some questions both manuals
answer; whether one does is judged by headings: a topic counts as shared if all its content words, stemmed,
stand in one heading of the other manual. Of a topic that starts with a verb of action and has two more
content words, the verb may differ (`Add a Samsung account` is shared with `Creating a Samsung account`).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ftfy
import lxml.html

from qa_core.tokens import tokenize
from training.evaluate import Outcome
from training.measuring.metrics import mean
from training.measuring.questions import Question, fold_heading

PHONES = ("Galaxy_A50.html", "Galaxy_S9.html")  # one at a time, for the TV's questions
N_PHONE_QUESTIONS = 200
SEED = 0
MIN_MANUALS = 5  # a heading of fewer manuals is likely an accident of one of them


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ACTIONS = _set_of(
    "access activate add answer assemble block change charge choose configure connect copy create customize "
    "decline decrypt delete disable disconnect download drag edit enable encrypt end enter export format "
    "import install link lock make manage mount move navigate pair pin place protect record remove rename "
    "replace reply report reset save search send set share show sort start switch synchronize take talk "
    "transfer turn uninstall unpair use view wear"
)
_ACTION_TOKENS = frozenset(token for action in _ACTIONS for token in tokenize(action))
_NOT_ASKED = _set_of(
    "about additional before common contents copyright disclaimer galaxy general getting intellectual "
    "introduction learn legal maintaining more notice optional other samsung tips user using warning"
)
_ASKABLE = re.compile(r"[\w'’&+/() -]+")


@dataclass(frozen=True, slots=True)
class DeclineRate:
    """How many questions of a kind were declined, with and without those that both manuals answer."""

    name: str
    n: int
    declined: float | None
    n_unshared: int
    declined_unshared: float | None


def phone_headings(folder: Path) -> tuple[str, ...]:
    """The headings that at least `MIN_MANUALS` of the folder's HTML manuals have, sorted."""
    counts: Counter[str] = Counter()
    for path in sorted(folder.glob("*.html")):
        counts.update(set(headings_of(path)))
    return tuple(sorted(heading for heading, n in counts.items() if n >= MIN_MANUALS))


def headings_of(path: Path) -> tuple[str, ...]:
    """The headings of an HTML manual, in order."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    root = lxml.html.fromstring(path.read_bytes(), parser=parser)
    tags = root.iter("h1", "h2", "h3", "h4", "h5", "h6")
    texts = (" ".join(ftfy.fix_text(" ".join(map(str, tag.itertext()))).split()) for tag in tags)
    return tuple(text for text in texts if text)


def heading_question(heading: str) -> str | None:
    """The question that a person with this topic might ask, or None if nobody would ask it.

    Asked are headings of 2 to 6 words: `Delete a contact` becomes `How do I delete a contact?`,
    `Notification icons` becomes `How do I use Notification icons?`. Left out are headings of the front
    and back matter, and those that say `your device`: a TV is one too.
    """
    words = heading.split()
    first = words[0].casefold() if words else ""
    is_topic = 2 <= len(words) <= 6 and first not in _NOT_ASKED and _ASKABLE.fullmatch(heading)
    if not is_topic or "your device" in heading.casefold():
        return None
    if first in _ACTIONS:
        return f"How do I {first} {' '.join(words[1:])}?"
    return f"How do I use {heading}?"


def sample_phone_questions(headings: Iterable[str], n: int = N_PHONE_QUESTIONS) -> tuple[Question, ...]:
    """`n` questions drawn from the headings with a fixed seed, without answers: they are for other manuals.

    Their heading is the section.
    """
    by_fold = {fold_heading(heading): heading for heading in headings if heading_question(heading)}
    topics = [by_fold[fold] for fold in sorted(by_fold)]
    chosen = random.Random(SEED).sample(topics, min(n, len(topics)))  # noqa: S311 - no secret
    return tuple(Question(heading_question(topic) or "", (), section=topic) for topic in chosen)


def heading_tokens(headings: Iterable[str]) -> tuple[frozenset[str], ...]:
    """The stemmed content words of each heading, for `is_shared`."""
    return tuple(frozenset(tokenize(heading)) for heading in headings)


def is_shared(topic: str, other_headings: Sequence[frozenset[str]]) -> bool:
    """Whether a heading of the other manual has the topic's content words; see the module's top."""
    tokens = tokenize(topic)
    wanted = set(tokens)
    if len(wanted) > 2 and tokens[0] in _ACTION_TOKENS:
        wanted.remove(tokens[0])
    return bool(wanted) and any(wanted <= tokens for tokens in other_headings)


def decline_rate(name: str, outcomes: Sequence[Outcome], shared: Sequence[bool]) -> DeclineRate:
    """The share declined, of all and of those that are not shared."""
    declined = [float(outcome.declined) for outcome in outcomes]
    own = [value for value, is_both in zip(declined, shared, strict=True) if not is_both]
    return DeclineRate(name, len(declined), mean(declined), len(own), mean(own))
