"""Reading questions, and when a passage counts as found."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import DataError
from qa_core.types import Manual, Passage, Section
from training.measuring.questions import (
    Question,
    fold_heading,
    is_in_manual,
    is_in_section,
    read_questions,
)

MANUAL = Manual("m1", "/manuals", "printer/guide é.md", "Guide", "LX-200", None, None, "0" * 64)


def passage_under(*headings: str) -> Passage:
    return Passage("p1", MANUAL, Section(headings, "Press OK."), 0, 9)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_line_gives_a_question_with_its_gold(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"question": "How do I reset it?", "answers": ["Hold OK."], "section": "Reset",'
        ' "manual": "printer/guide.md", "product": "LX-200", "kind": "passed over"}\n\n'
        '{"question": "Does it fly?", "answers": []}\n',
    )
    assert read_questions(path) == (
        Question("How do I reset it?", ("Hold OK.",), "Reset", "printer/guide.md", "LX-200"),
        Question("Does it fly?", ()),
    )
    assert [q.answerable for q in read_questions(path)] == [True, False]


def test_a_heading_path_stands_for_its_last_heading(tmp_path: Path) -> None:
    path = written(tmp_path, '{"question": "Why?", "answers": [], "section": ["Guide", "Reset"]}')
    assert read_questions(path)[0].section == "Reset"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = written(
        tmp_path, '\ufeff{"question": "Why?", "answers": []}\r\n{"question": "How?", "answers": []}\r\n'
    )
    assert [q.text for q in read_questions(path)] == ["Why?", "How?"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{oops", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["How?"]', "must be an object"),
        ('{"answers": []}', "`question` must be a text that is not empty, not missing"),
        ('{"question": "  ", "answers": []}', "`question` must be a text that is not empty, not '  '"),
        ('{"question": "How?"}', "`answers` must be a list .* not missing"),
        ('{"question": "How?", "answers": "OK"}', "`answers` must be a list .* not 'OK'"),
        ('{"question": "How?", "answers": [""]}', r"\[\] for a question that the manuals do not answer"),
        ('{"question": "How?", "answers": [], "section": 7}', "`section` must be a text or left out, not 7"),
        ('{"question": "How?", "answers": [], "product": {}}', "`product` must be a text or left out"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_what_is_wrong(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = written(tmp_path, f'{{"question": "Why?", "answers": []}}\n\n{line}\n')
    with pytest.raises(DataError, match=rf"questions\.jsonl, line 3: .*{reason}"):
        read_questions(path)


def test_a_file_without_questions_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no questions\. Write one a line"):
        read_questions(written(tmp_path, "\n"))


def test_a_missing_file_and_one_in_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes('{"question": "Größe?", "answers": []}'.encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8"):
        read_questions(latin)


def test_a_passage_lies_in_every_section_above_it() -> None:
    passage = passage_under("LX-200 Guide", "Connecting to Wi-Fi", "Reset!")
    assert is_in_section(passage, "reset")
    assert is_in_section(passage, "CONNECTING TO WIFI.")
    assert not is_in_section(passage, "Connecting")


def test_a_manual_is_named_by_its_path_however_accents_are_written() -> None:
    assert is_in_manual(MANUAL, "printer/guide e\u0301.md")
    assert not is_in_manual(MANUAL, "guide é.md")


@given(st.text())
def test_folding_twice_is_folding_once(heading: str) -> None:
    assert fold_heading(fold_heading(heading)) == fold_heading(heading)
