"""The sample manuals and the questions on them: what `manuals/` must hold to be worth measuring on."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from qa_core.documents import read_document
from qa_core.types import ParsedManual, Section
from training.measuring.questions import Question, read_questions

ROOT = Path(__file__).parents[1] / "manuals"
QUESTIONS = read_questions(ROOT / "questions.jsonl")
ANSWERABLE = [question for question in QUESTIONS if question.answerable]
FILES = {
    "aridane-dryflow-95/dryflow-95-operating-manual.md": "Aridane DryFlow 95",
    "hadren-folio-540dn/user-guide.md": "Hadren Folio 540dn",
    "kestrivo-powerhold-2200/powerhold-2200-user-guide.pdf": "Kestrivo PowerHold 2200",
    "lavarro-gw-60/GW-60 Operating Instructions.docx": "Lavarro GW 60",
    "torvella-meridio-300/operating-manual.html": "Torvella Meridio 300",
    "velmark-torrent-s2/velmark-torrent-s2-owners-manual.pdf": "Velmark Torrent S2",
}


@cache
def manual(path: str) -> ParsedManual:
    return read_document(ROOT / path, ROOT)


def sections_of(question: Question) -> list[Section]:
    assert question.manual is not None
    parsed = manual(question.manual)
    return [section for section in parsed.sections if section.heading_path[-1] == question.section]


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def explains_how(answer: str) -> bool:
    """Whether an answer is a list of steps or several sentences, and not the row of a table."""
    sentences = re.findall(r"[.!?](?=\s|$)", answer)
    return " | " not in answer and (bool(re.match(r"\d+\. |- ", answer)) or len(sentences) >= 2)


def outline_entries(path: str) -> int:
    document = pdfium.PdfDocument(ROOT / path)
    try:
        return len(list(document.get_toc()))
    finally:
        document.close()


@pytest.mark.parametrize("path", FILES)
def test_a_manual_is_as_long_as_real_ones_and_knows_its_product(path: str) -> None:
    parsed = manual(path)

    assert sum(len(section.text.split()) for section in parsed.sections) >= 2_000
    assert parsed.manual.product == FILES[path]


def test_one_pdf_has_an_outline_and_one_has_none() -> None:
    entries = [outline_entries(path) for path in FILES if path.endswith(".pdf")]

    assert len(entries) == 2
    assert min(entries) == 0 < max(entries)


def test_there_are_enough_questions_of_every_kind() -> None:
    assert len(ANSWERABLE) >= 150
    assert sum(explains_how(question.answers[0]) for question in ANSWERABLE) >= 50
    assert len(QUESTIONS) - len(ANSWERABLE) >= 40


def test_no_question_is_asked_twice() -> None:
    texts = [question.text.casefold() for question in QUESTIONS]

    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("path", FILES)
def test_every_manual_is_asked_what_it_answers_and_what_it_does_not(path: str) -> None:
    answerable = [question.answerable for question in QUESTIONS if question.manual == path]

    assert {question.product for question in QUESTIONS if question.manual == path} == {FILES[path]}
    assert answerable.count(True) >= 25
    assert answerable.count(False) >= 5


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.text)
def test_every_gold_answer_stands_word_for_word_in_its_section(question: Question) -> None:
    [section] = sections_of(question)

    missing = [answer for answer in question.answers if folded(answer) not in folded(section.text)]

    assert missing == []


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.text)
def test_no_question_copies_its_heading_or_its_answer(question: Question) -> None:
    asked = question.text.casefold().rstrip("?!. ")

    assert asked != (question.section or "").casefold()
    assert not any(asked in folded(answer).casefold() for answer in question.answers)


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if not q.answerable], ids=lambda question: question.text
)
def test_an_unanswerable_question_names_no_section(question: Question) -> None:
    assert question.section is None
