"""Examples made from examples: longer contexts, and questions that their context nearly answers."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa_core.units import split_sentences
from training.reading.examples import Example

_NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w'’-]+(?: (?:of |the )?[A-Z][\w'’-]+)*")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?![\w.,])")
_WORDS = re.compile(r"(?<!\bno )\b[A-Za-z]+\b(?!')")
_SUBJECT = "the|an?|this|that|these|those|my|your|his|her|its|our|their|I|you|he|she|it|we|they"
_TO_NEGATE = re.compile(
    r"(?<=\w )(?:(?:is|are|was|were)(?= \w)|(?:can|could|would|will|should|has|had|have)"
    rf"(?= (?!(?:{_SUBJECT}|not)\b)[a-z]))"
)
_SHARE_NEGATED = 0.3  # of the questions without such a word
_PAIRS = """first last|before after|more less|more fewer|most least|largest smallest|bigger smaller
larger smaller|biggest smallest|highest lowest|higher lower|high low|longest shortest
longer shorter|oldest youngest|oldest newest|older younger|early late|earlier later
earliest latest|best worst|better worse|good bad|north south|northern southern|east west
eastern western|increase decrease|increased decreased|increasing decreasing|rise fall
rising falling|rose fell|grow shrink|grew shrank|gain lose|gained lost|win lose|won lost
begin end|began ended|start stop|started stopped|start end|started ended|open close
opened closed|accept reject|accepted rejected|allow forbid|allowed forbidden|allow prohibit
support oppose|supported opposed|agree disagree|agreed disagreed|include exclude|included excluded
succeed fail|succeeded failed|success failure|strong weak|stronger weaker|strongest weakest
fast slow|faster slower|fastest slowest|hot cold|warm cool|warmest coldest|rich poor
richest poorest|public private|major minor|majority minority|maximum minimum|positive negative
inside outside|internal external|above below|upper lower|left right|top bottom|male female
men women|man woman|father mother|son daughter|brother sister|husband wife|king queen|boys girls
modern ancient|common rare|commonly rarely|often seldom|always never|all none|with without
buy sell|bought sold|import export|add remove|added removed|create destroy|created destroyed
build demolish|built demolished|attack defend|attacked defended|enemy ally|war peace
summer winter|day night|morning evening|near far|closest farthest|legal illegal
possible impossible|necessary unnecessary|successful unsuccessful|popular unpopular
similar different|same different|same opposite|easy difficult|easier harder|simple complex
hard soft|heavy light|heavier lighter|deep shallow|wide narrow|thick thin|full empty|rural urban
local foreign|domestic foreign|temporary permanent|present absent|true false|right wrong
safe dangerous|appear disappear|appeared disappeared|arrive leave|arrived left|enter leave
entered left|join leave|joined left|love hate|like dislike|remember forget|raise lower
raised lowered|expand contract|expanded contracted|gather scatter|advantage disadvantage
advantages disadvantages|cause prevent|caused prevented|enable disable|enabled disabled
lock unlock|connect disconnect|connected disconnected|install uninstall|show hide|mute unmute
save delete"""


def _both_ways(pairs: str) -> dict[str, tuple[str, ...]]:
    opposites: dict[str, tuple[str, ...]] = {}
    for pair in re.split(r"[|\n]", pairs):
        one, other = pair.split()
        opposites[one] = (*opposites.get(one, ()), other)
        opposites[other] = (*opposites.get(other, ()), one)
    return opposites


_OPPOSITES = _both_ways(_PAIRS)


def without_answer(example: Example, n_chars: int, rng: random.Random) -> Example | None:
    """The question on a part of its context that does not say the answer; None if every part does."""
    answer = (example.answer or "").casefold()
    silent = [
        (start, end)
        for start, end in split_sentences(example.context, 0, len(example.context))
        if answer and answer not in example.context[start:end].casefold()
    ]
    runs: list[tuple[int, int]] = []
    for start, end in silent:
        joins = runs and not example.context[runs[-1][1] : start].strip() and end - runs[-1][0] <= n_chars
        if joins:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    runs = [(start, end) for start, end in runs if answer not in example.context[start:end].casefold()]
    if not runs:
        return None
    start, end = max(runs, key=lambda run: (run[1] - run[0], rng.random()))
    return replace(example, id=f"{example.id}-cut", context=example.context[start:end], start=None, end=None)


def with_another_name(example: Example, rng: random.Random) -> Example | None:
    """The question with one of its names or numbers exchanged for another of the context.

    What it asks then is rarely answered, though every word of it occurs; None if nothing can be exchanged.
    """
    for pattern in rng.sample((_NAME, _NUMBER), 2):
        asked = list(pattern.finditer(example.question))
        others = sorted(
            {m.group() for m in pattern.finditer(example.context)}
            - {m.group() for m in asked}
            - {example.answer or ""}
        )
        others = [each for each in others if each not in example.question]
        if asked and others:
            old = rng.choice(asked)
            question = example.question[: old.start()] + rng.choice(others) + example.question[old.end() :]
            return replace(example, id=f"{example.id}-name", question=question, start=None, end=None)
    return None


def with_opposite(example: Example, rng: random.Random) -> Example | None:
    """The question with one of its words exchanged for the opposite, or turned into its negation.

    Half of the questions that people made unanswerable for SQuAD 2.0 differ from answerable ones so
    (Rajpurkar et al. 2018, table 2). None if there is no such word.
    """
    words = [m for m in _WORDS.finditer(example.question) if m.group().lower() in _OPPOSITES]
    if words:
        word = rng.choice(words)
        other = rng.choice(_OPPOSITES[word.group().lower()])
        changed = example.question[: word.start()] + other + example.question[word.end() :]
    else:
        verb = _TO_NEGATE.search(example.question)
        if verb is None or rng.random() > _SHARE_NEGATED:
            return None
        negation = rng.choice((" not", " never"))
        changed = example.question[: verb.end()] + negation + example.question[verb.end() :]
    return replace(example, id=f"{example.id}-opposite", question=changed, start=None, end=None)


def among_others(example: Example, others: Sequence[str], n: int, rng: random.Random) -> Example:
    """The example's context between `n` of the other contexts, in a drawn place."""
    drawn = [each for each in rng.sample(others, n + 1) if each != example.context][:n]
    at = rng.randint(0, len(drawn))
    before = "".join(f"{each} " for each in drawn[:at])
    after = "".join(f" {each}" for each in drawn[at:])
    context = before + example.context + after
    if example.start is None or example.end is None:
        return replace(example, context=context)
    return replace(example, context=context, start=example.start + len(before), end=example.end + len(before))


def some(examples: Iterable[Example | None], n: int) -> list[Example]:
    """The first `n` that exist."""
    found: list[Example] = []
    for example in examples:
        if len(found) == n:
            break
        if example is not None:
            found.append(example)
    return found
