"""Which passage answers best: what retrieval, the reader and the question's own words say of each.

    score = retrieval score + dense · cosine + reader · support
            + coverage · share + block · share in one block
            - what a lead-in or a title page loses + what a table with the asked cell gains

The retrieval score, cosine and keyword share added, finds candidates; among the first few answers the
cosine says more than the keywords, of whose words coverage counts each once.

BM25 counts rare words and repetitions; the plain share of the question's words that a passage has, and the
share that stands together in one sentence, row or list, say more about which of the first few answers. The
weights are fitted: training/retrieval/ranking_fit.py. A product is named in its manual's title and meant
everywhere: its name and the title count as a heading of every passage. With the title, on eleven manuals that
nothing was fitted on, 74.7 % of the right sections come first in place of 74.4, and 30.0 % are declined in
place of 30.4.

The reader's support is the logarithm of the odds of all spans together against "no answer", squashed. Fitted
on one half of TV-Remote and measured on the other, over 24 splits, it puts the right section first for 80.3 %
of the questions; the best span's score over the null score does so for 79.2 %.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa_core.asked.cells import asks_for_its_cell
from qa_core.excerpt_blocks import blocks_of
from qa_core.lead_ins import asks_what_manual_is_for, is_title_page, only_leads_in
from qa_core.tokens import tokenize
from qa_core.types import Hit, Passage, Reading

NO_SPAN = -20.0  # the margin of a passage in which the reader found nothing
_LEAD_IN_MALUS = 2.0  # of a section that says nothing: its heading alone may have every word of the question
# Of a table with the cell that is asked for, where nothing else is: prose has more to be like. Of cells of
# six tables with a column per model, which nothing was fitted on, 58 of 58 are found with it, 52 without.
_ASKED_CELL_BONUS = 0.5
SQUASHED_AT = 8.0  # how far support goes to either side: beyond, more says no more
_BLOCK_WORDS = 85  # the weights were fitted with; what is shown is another matter
_N_ASKED = 100  # passages whose tables were looked through for a question
_N_REMEMBERED = 2_000  # passages whose words are kept, some 10 kB each


@dataclass(frozen=True, slots=True)
class RankWeights:
    """How much each counts beside the retrieval score, which counts 1; in the order of `RankValues`."""

    dense: float = 0.0  # of the cosine of question and passage
    reader: float = 0.0  # of the reader's support
    coverage: float = 0.0  # of the share of the question's words in the passage, its headings and product
    block: float = 0.0  # of the share of them in the block that has most


@dataclass(frozen=True, slots=True)
class PassageWords:
    """The words of a passage, as the tokens of `qa_core.tokens`."""

    product: frozenset[str]  # its name, and the models in the manual's title
    manual: frozenset[str]  # its title, and the product's name
    own: frozenset[str]  # of the passage and its headings
    subject: frozenset[str]  # of the headings, without the manual's title
    passage: frozenset[str]  # of the passage, its headings and what the manual and its product are called
    blocks: tuple[frozenset[str], ...]
    is_title_page: bool


def margin(reading: Reading) -> float:
    """The best span's score minus the null score; far below zero where there is no span."""
    return reading.spans[0].score - reading.null_score if reading.spans else NO_SPAN


def support(reading: Reading) -> float:
    """How much speaks for an answer in the passage, wherever it stands: squashed log-odds, 0 if undecided."""
    return squashed_odds([span.score for span in reading.spans], reading.null_score)


def squashed_odds(span_scores: Sequence[float], null_score: float) -> float:
    """The same, from the scores of a passage's best spans."""
    odds = NO_SPAN
    if span_scores:
        best = max(span_scores)
        odds = best - null_score + math.log(sum(math.exp(score - best) for score in span_scores))
    return SQUASHED_AT * math.tanh(odds / SQUASHED_AT)


def coverage(question: str, hit: Hit) -> float:
    """The share of the question's different words that stand in the passage or its headings.

    The product's name, and the models that the manual is for, are left out where there are others: they say
    nothing of whether the manual answers. So is a model that the passage does not tell of.
    """
    words = words_of(hit.passage)
    asked = frozenset(tokenize(question)) if hit.has_model else _asked(question, hit)
    return _share(asked - words.product or asked, words.passage)


def _models_of_series(asked: frozenset[str], manual: frozenset[str]) -> frozenset[str]:
    """The words of a question that are models of a series that a manual names so: VX5000 of a VX."""
    found: set[str] = set()
    for token in asked:
        letters, digits = token.strip("0123456789"), re.sub(r"\D", "", token)
        if digits and len(letters) > 1 and letters in manual and letters.isalpha():
            found.update((token, digits))
    return frozenset(found)


def only_names_product(question: str, reading: Reading) -> bool:
    """Whether a passage has of the question only what its manual is called, and the reader finds nothing.

    "The Marvo 300 is a vacuum cleaner" is no answer to "How loud is the vacuum cleaner?", however far it is
    ahead of the few other passages that a short manual has. What a section's own heading has is its subject.
    Nor is a table that has but the model of "How loud is the VX5000?"; one with a row of its noise is.
    """
    asked, words = _asked(question, reading.hit), words_of(reading.hit.passage)
    shared, names = asked & words.own, words.manual | _models_of_series(asked, words.manual)
    is_named = bool(shared) and shared <= names - words.subject and not asked <= names
    return is_named and support(reading) < 0 and not has_asked_cell(question, reading.hit.passage)


def _is_only_cover(question: str, reading: Reading) -> bool:
    """Whether a passage below its manual's title alone has of the question but what the manual is called.

    Whatever the reader believes of a title page, it answers but what the manual is for.
    """
    passage = reading.hit.passage
    if words_of(passage).is_title_page and not asks_what_manual_is_for(question):
        return True
    return not words_of(passage).subject and only_names_product(question, reading)


@dataclass(frozen=True, slots=True)
class RankValues:
    """What the score is made from."""

    retrieval: float
    dense: float
    reader: float  # the reader's support
    coverage: float
    block: float  # the best block's coverage


def rank_values(question: str, reading: Reading) -> RankValues:
    """What speaks for a passage that was found and read."""
    asked, words = _asked(question, reading.hit), words_of(reading.hit.passage)
    block = max((_share(asked, each) for each in words.blocks), default=0.0)
    return RankValues(
        retrieval=reading.hit.score,
        dense=reading.hit.dense,
        reader=support(reading),
        coverage=_share(asked, words.passage),
        block=block,
    )


def rank_score(question: str, reading: Reading, weights: RankWeights) -> float:
    """The higher, the better the passage answers; comparable among the passages of one question."""
    values = rank_values(question, reading)
    return (
        -_LEAD_IN_MALUS * (only_leads_in(reading.hit.passage.section) or _is_only_cover(question, reading))
        + _ASKED_CELL_BONUS * has_asked_cell(question, reading.hit.passage)
        + values.retrieval
        + weights.dense * values.dense
        + weights.reader * values.reader
        + weights.coverage * values.coverage
        + weights.block * values.block
    )


@lru_cache(maxsize=_N_ASKED)
def has_asked_cell(question: str, passage: Passage) -> bool:
    """Whether a question asks for a cell of a passage's tables and for nothing else."""
    return asks_for_its_cell(question, passage.text, words_of(passage).manual)


def _asked(question: str, hit: Hit) -> frozenset[str]:
    """The question's words, without the models of the passage's product: search counts these."""
    asked = frozenset(tokenize(question))
    return asked.difference(hit.models) or asked


def _share(asked: frozenset[str], words: frozenset[str]) -> float:
    return len(asked & words) / max(len(asked), 1)


@lru_cache(maxsize=_N_REMEMBERED)
def words_of(passage: Passage) -> PassageWords:
    """What a passage and its manual are called and say; made once for each passage."""
    text = passage.section.text
    places = ((block.start, block.end) for block in blocks_of(passage, _BLOCK_WORDS))
    blocks = (frozenset(tokenize(text[start:end])) for start, end in places)
    product = frozenset(tokenize(passage.manual.product))
    title = frozenset(tokenize(passage.manual.title))
    coded = (word for word in passage.manual.title.split() if any(map(str.isdigit, word)))
    models = frozenset(tokenize(" ".join(coded)))
    own = frozenset(tokenize(passage.headed_text))
    headings = (each for each in passage.section.heading_path if each != passage.manual.title)
    subject = frozenset(tokenize("\n".join(headings)))
    manual = title | product
    return PassageWords(
        product | models, manual, own, subject, own | manual, tuple(blocks), is_title_page(passage)
    )
