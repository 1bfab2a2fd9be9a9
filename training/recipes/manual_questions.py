"""Questions made from manuals themselves: long, instruction-like spans, which SQuAD does not have.

Headings become questions whose answer is the passage under them, purpose clauses ("To save power, …")
questions for their sentence, `Name: description` bullets questions for the description, and a section's
opening sentence a question for the steps below it. Each may come with a hard negative: the passage of
another section that BM25 takes for the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import bm25s

from qa_core.documents import read_document
from qa_core.indexing.discovery import discover
from qa_core.inference.text_encoder import CountTokens
from qa_core.passages import split_passages
from qa_core.tokens import tokenize
from qa_core.types import Passage
from qa_core.units import Unit, split_units
from training.reading.examples import Example

_VERB = re.compile(
    r"(?:accept|access|activate|add|adjust|allow|answer|block|browse|capture|change|charge|check|choose|clear|"
    r"configure|connect|control|copy|create|customize|cut|decline|delete|disable|disconnect|dismiss|display|"
    r"download|drag|edit|enable|end|enter|export|find|hide|import|insert|install|join|keep|link|listen|locate|"
    r"lock|make|manage|merge|move|mute|open|order|organize|pair|place|play|power|press|print|record|reduce|"
    r"remove|rename|reply|replace|reset|restart|restore|save|scan|search|select|send|set|share|show|sort|start|"
    r"stop|switch|sync|take|transfer|turn|uninstall|unlock|unmount|update|upgrade|use|view|watch|wake|write)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"- (?P<name>[A-Z][^:|.]{2,40}): (?P<text>\S.{15,})")
_PURPOSE = re.compile(r"(?:- |\d+\. )?To (?P<purpose>[a-z][^,.:|]{8,80}), (?=[a-z])")
_ABLE = re.compile(r"You can (?:also )?(?P<deed>[a-z][^.:|]{10,90})\.$")

_HOW = (
    "How do I {}?",
    "How can I {}?",
    "how to {}",
    "What do I do to {}?",
    "I want to {}",
    "Is there a way to {}?",
)
_WHAT = (
    "What is {}?",
    "How does {} work?",
    "How do I use {}?",
    "Tell me about {}",
    "where do I find {}",
    "{}?",
)
_NAMES = ("What does {} do?", "What is {}?", "What is {} for?", "{} meaning", "What happens with {}?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a passage, with the answer's place in the passage's text."""

    question: str
    passage: Passage
    start: int
    end: int
    kind: Literal["heading", "opening", "unit"]


class Bm25:
    """Texts by the words that a question shares with them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._retriever = bm25s.BM25()
        self._retriever.index([tokenize(text) for text in texts], show_progress=False)

    def best(self, questions: Sequence[str], k: int) -> list[list[int]]:
        """The positions of each question's `k` best texts, best first."""
        asked = [tokenize(question) or ["?"] for question in questions]
        return self._retriever.retrieve(asked, k=k, show_progress=False)[0].tolist()  # type: ignore[no-any-return]


def read_passages(folder: Path, count_tokens: CountTokens) -> list[Passage]:
    """The passages of all manuals under a folder, equal texts once."""
    passages: dict[str, Passage] = {}
    for path in discover(folder).files:
        for passage in split_passages(read_document(path, folder), count_tokens):
            passages.setdefault(passage.text, passage)
    return list(passages.values())


def ask(passages: Sequence[Passage], rng: random.Random) -> Iterator[Asked]:
    """Every question that the passages' own words suggest."""
    for passage in passages:
        yield from _about_heading(passage, rng)
        units = split_units(passage.text)
        yield from _about_opening(passage, units, rng)
        for unit in units:
            yield from _about_unit(passage, unit, rng)


def _about_heading(passage: Passage, rng: random.Random) -> Iterator[Asked]:
    if passage.start > 0 or len(passage.section.heading_path) < 2 or len(passage.text.split()) < 12:
        return
    heading = passage.section.heading_path[-1]
    templates = _HOW if _VERB.match(heading) else _WHAT
    yield Asked(rng.choice(templates).format(_as_customer(heading)), passage, 0, len(passage.text), "heading")


def _about_opening(passage: Passage, units: Sequence[Unit], rng: random.Random) -> Iterator[Asked]:
    """What the first sentence says one can do is answered by the list that follows it."""
    if passage.start > 0 or len(units) < 3 or units[0].kind != "sentence" or units[1].kind == "sentence":
        return
    opening = passage.text[units[0].start : units[0].end]
    able = _ABLE.match(opening)
    deed = able["deed"] if able else opening.rstrip(".") if _VERB.match(opening) else None
    listed = [u for u in units[1:] if u.kind in ("step", "bullet")]
    if deed and len(deed) < 110 and listed:
        question = rng.choice(_HOW).format(_as_customer(deed))
        yield Asked(question, passage, listed[0].start, listed[-1].end, "opening")


def _about_unit(passage: Passage, unit: Unit, rng: random.Random) -> Iterator[Asked]:
    text = passage.text[unit.start : unit.end]
    named, purpose, able = _NAMED.match(text), _PURPOSE.match(text), _ABLE.match(text)
    if named:
        question = rng.choice(_NAMES).format(named["name"])
        yield Asked(question, passage, unit.start + named.start("text"), unit.end, "unit")
    elif purpose:
        question = rng.choice(_HOW).format(_as_customer(purpose["purpose"]))
        yield Asked(question, passage, unit.start, unit.end, "unit")
    elif able:
        yield Asked(f"Can I {_as_customer(able['deed'])}?", passage, unit.start, unit.end, "unit")


def _as_customer(text: str) -> str:
    text = text[0].lower() + text[1:] if len(text) > 1 and text[1].islower() else text
    return re.sub(r"\byou\b", "I", re.sub(r"\byour\b", "my", text))


def positives(
    asked: Sequence[Asked], rng: random.Random, share_without_heading: float = 0.3
) -> list[Example]:
    """The questions as examples; some without their last heading, which would give the answer away."""
    examples = []
    for i, each in enumerate(asked):
        headings = each.passage.section.heading_path
        if rng.random() < share_without_heading:
            headings = headings[:-1]
        examples.append(
            Example(f"manual-{i}", each.question, each.passage.text, each.start, each.end, headings)
        )
    return examples


def negatives(asked: Sequence[Asked], passages: Sequence[Passage], per_question: int = 1) -> list[Example]:
    """Each question on the passages that BM25 ranks best among those of other headings."""
    found = Bm25([f"{p.heading}\n{p.text}" for p in passages]).best([a.question for a in asked], 12)
    examples = []
    for i, (each, indexes) in enumerate(zip(asked, found, strict=True)):
        answer = each.passage.text[each.start : each.end]
        heading = each.passage.section.heading_path[-1].casefold()
        wrong = [
            passages[j]
            for j in indexes
            if answer not in passages[j].text and passages[j].section.heading_path[-1].casefold() != heading
        ]
        for j, passage in enumerate(wrong[:per_question]):
            headings = passage.section.heading_path
            examples.append(
                Example(f"manual-{i}-negative-{j}", each.question, passage.text, None, None, headings)
            )
    return examples
