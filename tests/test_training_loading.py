"""Triplets from lists, files and data sets: what is taken, and how each thing that is wrong is named."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa_core.errors import DataError
from training.reading.examples import Example
from training.reading.loading import LeftOut, load_squad, load_triplets

CONTEXT = "The lamp turns green. Press the power button for 3 seconds to switch it off again."
GOOD = {"context": CONTEXT, "question": "How long?", "answer": "3 seconds"}


def write_squad(path: Path, title: str = "A_lamp", **changes: Any) -> Path:
    qa = {"id": "q1", "question": "How long?", "answers": [{"text": "3 seconds", "answer_start": 49}]}
    paragraph = {"context": CONTEXT, "qas": [{**qa, **changes}]}
    path.write_text(json.dumps({"data": [{"title": title, "paragraphs": [paragraph]}]}))
    return path


def write_lines(path: Path, *lines: bytes | dict[str, Any]) -> Path:
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines))
    return path


def test_a_triplet_becomes_an_example_with_the_offsets_of_its_answer() -> None:
    assert load_triplets([GOOD]).examples == (Example("record 1", "How long?", CONTEXT, 49, 58),)


@pytest.mark.parametrize(
    "given",
    [
        {"answer": None},
        {"answer": ""},
        {"answer": {"text": None}},
        {"answer": {"text": []}},
        {"answer": None, "answers": None},
        {"answer": None, "answers": []},
        {"answer": None, "is_impossible": True},
        {"answer": None, "answer_start": -1},
        {"answer": None, "answer_start": float("nan")},
        {"answer": float("nan"), "answer_start": float("nan")},
    ],
)
def test_no_answer_makes_an_unanswerable_question(given: dict[str, Any]) -> None:
    [example] = load_triplets([{**GOOD, **given}]).examples
    assert (example.start, example.end, example.answer) == (None, None, None)


@pytest.mark.parametrize(
    "given",
    [
        {"answer_start": 49},
        {"answer_start": 49.0},
        {"offsets": [49.0, 58.0]},
        {"offsets": [49, 58]},
        {"offsets": (49, 58)},
        {"start": 49, "end": 58},
        {"answer_start": None, "start": 49},
        {"end": 58},
        {"answer_start": np.int64(49)},
        {"offsets": np.array([49, 58])},
        {"answer": {"text": np.array(["3 seconds"]), "answer_start": np.array([49])}},
        {"answer": {"text": "3 seconds", "answer_start": 49}},
        {"answer": {"text": "3 seconds", "offsets": [49, 58]}},
        {"answer": {"text": "3 seconds"}, "answer_start": 49},
        {"answer": {"text": ["3 seconds"], "answer_start": [49]}},
        {"answer": None, "answers": {"text": ["3 seconds"]}},
        {"is_impossible": False},
        {"is_impossible": None},
        {"answer": " 3 seconds\n"},
    ],
)
def test_an_answer_is_found_at_its_offset_and_without_the_spaces_around_it(given: dict[str, Any]) -> None:
    [example] = load_triplets([{**GOOD, **given}]).examples
    assert (example.start, example.end) == (49, 58)


def test_a_squad_file_gives_its_questions_with_the_title_as_heading(tmp_path: Path) -> None:
    [example] = load_squad(write_squad(tmp_path / "squad.json"))
    assert example == Example("q1", "How long?", CONTEXT, 49, 58, ("A lamp",))


def test_the_first_of_several_answers_is_trained_on_and_the_others_count_too(tmp_path: Path) -> None:
    answers = [{"text": "3 seconds", "answer_start": 49}, {"text": "for 3 seconds", "answer_start": 45}]
    [example] = load_squad(write_squad(tmp_path / "squad.json", answers=answers))
    assert (example.answer, example.other_answers) == ("3 seconds", ("for 3 seconds",))


def test_json_lines_a_json_list_and_a_data_set_give_the_same_as_a_list(tmp_path: Path) -> None:
    import datasets

    expected = load_triplets([GOOD]).examples
    (tmp_path / "list.json").write_text(json.dumps([GOOD]))
    assert load_triplets(tmp_path / "list.json").examples == expected
    assert load_triplets(str(write_lines(tmp_path / "lines.jsonl", GOOD, b""))).examples == expected
    assert load_triplets(datasets.Dataset.from_list([GOOD])).examples == expected


def test_a_single_json_line_by_another_name_is_read_as_two_are(tmp_path: Path) -> None:
    for n in (1, 2):
        assert len(load_triplets(write_lines(tmp_path / "data.json", *[GOOD] * n)).examples) == n


def test_a_data_set_in_squads_columns_is_read() -> None:
    import datasets

    answers = {"text": ["3 seconds"], "answer_start": [49]}
    rows = [
        {"id": "a", "title": "", "context": CONTEXT, "question": "How long?", "answers": answers},
        {
            "id": "b",
            "title": "",
            "context": CONTEXT,
            "question": "How loud?",
            "answers": {"text": [], "answer_start": []},
        },
    ]
    examples = load_triplets(datasets.Dataset.from_list(rows)).examples
    assert [(e.id, e.answer) for e in examples] == [("a", "3 seconds"), ("b", None)]


def data_set(*rows: dict[str, Any]) -> Any:
    """A data set with all the rows' columns: it fills what a row does not have with None."""
    import datasets

    columns = dict.fromkeys(key for row in rows for key in row)
    return datasets.Dataset.from_list([columns | row for row in rows])


def test_rows_of_both_kinds_in_one_data_set_keep_their_answers() -> None:

    answers = {"text": ["Press", "power"], "answer_start": [22, 32]}
    squad = {"context": CONTEXT, "question": "What?", "answers": answers, "is_impossible": False}
    none = {**GOOD, "answer": None, "is_impossible": True}
    examples = load_triplets(data_set(GOOD, squad, none, {**GOOD, "start": 49})).examples
    assert [e.start for e in examples] == [49, 22, None, 49]
    assert [e.other_answers for e in examples] == [(), ("power",), (), ()]


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_a_data_set_of_arrays_or_tensors_gives_the_same_as_one_of_lists(kind: str) -> None:
    lists = data_set(
        {**GOOD, "answer_start": 49, "offsets": [49, 58], "is_impossible": False},
        {**GOOD, "answer": None, "is_impossible": True},
        {**GOOD, "answer": None, "answers": {"text": ["Press"], "answer_start": [22]}},
    )
    examples = load_triplets(lists.with_format(kind)).examples
    assert examples == load_triplets(lists).examples
    assert [e.start for e in examples] == [49, None, 22]
    assert (type(examples[0].start), type(examples[0].context)) == (int, str)


def as_data_set(frame: Any, _: Path) -> object:
    import datasets

    return datasets.Dataset.from_pandas(frame)


def as_lines(frame: Any, folder: Path) -> object:
    frame.to_json(folder / "frame.jsonl", orient="records", lines=True)
    return folder / "frame.jsonl"


FRAMES: dict[str, Callable[[Any, Path], object]] = {
    "a frame": lambda frame, _: frame,
    "records": lambda frame, _: frame.to_dict("records"),
    "NA in place of NaN": lambda frame, _: frame.convert_dtypes(),
    "a data set": as_data_set,
    "lines": as_lines,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_pandas_column_of_offsets_with_gaps_is_read(kind: str, tmp_path: Path) -> None:
    """Its numbers are floats there, and what is missing is NaN or NA, in the column of answers too."""
    import pandas as pd

    frame = pd.DataFrame([{**GOOD, "answer_start": 49}, {**GOOD, "answer": None, "answer_start": None}])
    examples = load_triplets(FRAMES[kind](frame, tmp_path)).examples
    assert [(e.start, e.answer) for e in examples] == [(49, "3 seconds"), (None, None)]
    assert type(examples[0].start) is int


def test_answers_without_offsets_that_stand_several_times_are_counted_in_squads_form_too() -> None:
    twice = {"context": "Wait 3 seconds, then 3 seconds.", "question": "How long?"}
    records = [
        {**twice, "answers": {"text": ["3 seconds"]}},
        {**twice, "answers": [{"text": "3 seconds", "answer_start": 5}]},
        {**twice, "answer": "3 seconds", "answers": None},
    ]
    assert load_triplets(records).n_placed == 2


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "lines.jsonl", b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert len(load_triplets(path).examples) == 1


def test_of_several_occurrences_the_one_with_the_questions_words_around_it_is_taken() -> None:
    padding = "Nothing else is said of it in this long part of the text. " * 3
    context = (
        f"Clean the filter for 3 minutes. {padding}Charge the battery for 3 minutes. {padding}Or 3 minutes."
    )
    asked = {"context": context, "question": "How long to charge the battery?", "answer": "3 minutes"}
    loaded = load_triplets([asked, {**asked, "question": "Until when?"}])
    battery, first_of_equals = loaded.examples
    assert context[: battery.start].endswith("Charge the battery for ")
    assert first_of_equals.start == context.index("3 minutes")
    assert loaded.n_placed == 2


def test_whole_words_come_before_parts_of_words() -> None:
    context = "The gear is near your ear."
    [example] = load_triplets([{"context": context, "question": "Where?", "answer": "ear"}]).examples
    assert example.start == context.index("ear.")


@pytest.mark.parametrize(
    ("answer", "context"),
    [
        ("5 bar", "Fill it to 1.5 bar, never above 5 bar."),
        ("5 °C", "Store it above -5 °C, use it above 5 °C."),
        ("it holds 1", "it holds 1.5 litres, it holds 1 cup"),
    ],
)
def test_whole_numbers_come_before_parts_of_numbers(answer: str, context: str) -> None:
    [example] = load_triplets([{"context": context, "question": "What?", "answer": answer}]).examples
    assert example.start == context.rindex(answer)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"context": None}, "its context is missing, not a text"),
    ({"context": " "}, "its context is empty"),
    ({"question": ""}, "its question is empty"),
    ({"question": 7}, "its question is 7 (int), not a text"),
    ({"answer": 3}, "its answer is 3 (int), not a text"),
    ({"answer": ["3 seconds"]}, "its answer is ['3 seconds'] (list), not a text"),
    ({"answer": "  "}, "its answer is only spaces"),
    ({"answer": "4 seconds"}, "its answer '4 seconds' does not stand in its context"),
    ({"answer": "press"}, "its answer 'press' does not stand in its context; 'Press' does"),
    (
        {"answer_start": 5},
        "its answer '3 seconds' does not stand at offset 5 of its context, but 'amp turns'",
    ),
    ({"answer_start": -9}, "its answer '3 seconds' does not stand at offset -9 of its context"),
    ({"answer_start": "49"}, "its answer's offset is '49' (str), not a whole number"),
    ({"answer_start": True}, "its answer's offset is True (bool), not a whole number"),
    ({"offsets": [1]}, "its offsets are [1], not a start and an end"),
    ({"is_impossible": True}, "it is marked is_impossible and has the answer '3 seconds'"),
    ({"is_impossible": 1}, "its is_impossible is 1 (int), not true or false"),
    ({"is_impossible": "true"}, "its is_impossible is 'true' (str), not true or false"),
    ({"answer": None, "is_impossible": False}, "its is_impossible is false and it has no answer"),
    ({"answer": None, "answer_start": 49}, "it has no answer, and an offset for one: 49"),
    ({"answer": "", "start": 0}, "it has no answer, and an offset for one: 0"),
    ({"answer": None, "end": 58}, "it has no answer, and an offset for one: 58"),
    ({"answer": {"text": None, "answer_start": 49}}, "it has no answer, and an offset for one: 49"),
    ({"answer": {}}, "its answer has no 'text' (it has nothing)"),
    ({"answer": {"txt": "3 seconds"}}, "its answer has no 'text' (it has 'txt')"),
    ({"answer": {"text": ["4 s"]}}, "its answer '4 s' does not stand in its context"),
    (
        {"offsets": [49, 82]},
        "its answer '3 seconds' does not stand from 49 to 82 of its context: it has 9 characters",
    ),
    (
        {"start": 49, "end": 70},
        "its answer '3 seconds' does not stand from 49 to 70 of its context: it has 9 characters",
    ),
    ({"end": 70}, "its answer '3 seconds' does not stand at offset 61"),
    ({"answer_start": 49, "end": 58.5}, "its answer's offset is 58.5 (float), not a whole number"),
    ({"answer_start": float("inf")}, "its answer's offset is inf (float), not a whole number"),
    ({"offsets": [True, 58]}, "its answer's offset is True (bool), not a whole number"),
    ({"context": "half \ud83d"}, "its context holds half a character at offset 5"),
    ({"title": "half \ud83d"}, "its title holds half a character at offset 5"),
    ({"title": 3}, "its title is 3 (int), not a text"),
]


@pytest.mark.parametrize(("change", "reason"), WRONG, ids=[reason[:40] for _, reason in WRONG])
def test_a_record_that_is_wrong_is_named_with_the_reason(change: dict[str, Any], reason: str) -> None:
    records = [GOOD, {**GOOD, "id": "bad", **change}]
    with pytest.raises(DataError) as raised:
        load_triplets(records)
    assert str(raised.value).startswith(f"Record 2 (id 'bad'): {reason}")


@pytest.mark.parametrize("key", ["context", "question"])
def test_a_missing_key_is_named_with_the_keys_that_are_there(key: str) -> None:
    record = {k: v for k, v in GOOD.items() if k != key}
    with pytest.raises(DataError, match=rf"Record 1: it has no '{key}' \(it has '"):
        load_triplets([record])


def test_a_record_without_an_answer_key_is_not_taken_for_unanswerable() -> None:
    with pytest.raises(DataError, match="Record 1: it has neither 'answer'"):
        load_triplets([{"context": CONTEXT, "question": "How long?"}])


def test_two_records_with_one_id_are_refused() -> None:
    with pytest.raises(DataError, match=r"Record 2 .*: its id 'a' is that of record 1 too"):
        load_triplets([{**GOOD, "id": "a"}, {**GOOD, "id": "a"}])


def test_what_cannot_be_used_is_left_out_on_request_and_listed(tmp_path: Path) -> None:
    lines = (GOOD, {**GOOD, "answer": "never"}, b"{broken", b'{"context": "\xff"}', b"[1]", GOOD)
    loaded = load_triplets(write_lines(tmp_path / "data.jsonl", *lines), skip_invalid=True)
    assert len(loaded.examples) == 2
    assert loaded.left_out == (
        LeftOut("line 2 of data.jsonl", "its answer 'never' does not stand in its context"),
        LeftOut("line 3 of data.jsonl", "it is not JSON: Expecting property name enclosed in double quotes"),
        LeftOut("line 4 of data.jsonl", "it is not UTF-8 (byte 0xff)"),
        LeftOut("line 5 of data.jsonl", "it is list, not an object with context, question, answer"),
    )


def test_a_squad_record_is_named_by_its_id_and_place(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "squad.json", answers=[{"text": "3 seconds", "answer_start": 5}])
    with pytest.raises(
        DataError, match=r"Question 'q1' \(question 1 of paragraph 1 of article 1 of squad.json\)"
    ):
        load_squad(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"[]", "holds no question"),
        (b'{"version": "2.0"}', "neither in SQuAD's format nor a list of triplets"),
        (b"{nonsense", "is not JSON: .* in line 1"),
        (b'[\n"\xe4"]', "is not UTF-8: byte 0xe4 in line 2"),
        ("[]".encode("utf-16"), "is UTF-16. Save it as UTF-8"),
        (gzip.compress(b"[]", mtime=0), r"is compressed \(gzip\)\. SQuAD.s format, JSON and JSON lines"),
        (b"PAR1\x15\x04", "is a Parquet file. SQuAD's format, JSON and JSON lines are read"),
    ],
)
def test_a_file_that_holds_no_triplets_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        load_triplets(path, skip_invalid=True)


def test_a_file_that_is_not_there_and_data_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing.json cannot be read \(No such file"):
        load_triplets(tmp_path / "missing.json")
    with pytest.raises(DataError, match=r"7 \(int\) holds no triplets"):
        load_triplets(7)
    with pytest.raises(DataError, match="one split of a DatasetDict"):
        load_triplets({"train": [GOOD]})


def test_where_nothing_can_be_used_the_first_reason_is_told() -> None:
    with pytest.raises(DataError, match="no question that can be used; record 1: its question is empty"):
        load_triplets([{**GOOD, "question": ""}], skip_invalid=True)


@pytest.mark.parametrize("name", ["deep.json", "deep.jsonl"])
def test_what_is_nested_too_deeply_is_named_like_any_other_fault(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("[" * 100_000)
    with pytest.raises(DataError, match="nested too deeply"):
        load_triplets(path)


@pytest.mark.parametrize("name", ["long.json", "long.jsonl"])
def test_a_number_that_nothing_reads_is_named_like_any_other_fault(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"context": "It is here.", "question": "Where?", "answer_start": ' + "7" * 5_000 + "}")
    with pytest.raises(DataError, match="too many digits"):
        load_triplets(path)
