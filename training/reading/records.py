"""Where records come from: lists, files and data sets, each record with a name by which it can be found."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from qa_core.errors import DataError

_LINES = (".jsonl", ".ndjson")
_OTHER_FORMATS = {
    b"\x1f\x8b": "compressed (gzip)",
    b"PK\x03\x04": "an archive (ZIP)",
    b"PAR1": "a Parquet file",
}
_SQUAD = "A SQuAD file has {'data': [{'paragraphs': [{'context': …, 'qas': […]}]}]}"


@dataclass(frozen=True, slots=True)
class Record:
    """What may become an example. `fields` is None where there is nothing to read: `problem` says why."""

    name: str  # "record 3", "question 'q1'", "line 7 of data.jsonl"
    fields: Mapping[str, Any] | None
    problem: str = ""


def read_records(source: object) -> Iterator[Record]:
    """The records of a list of triplets, a file (SQuAD, JSON or JSONL), a data set or a `pandas.DataFrame`.

    Raises DataError for a source of another kind and for a file that cannot be read at all.
    """
    if isinstance(source, str | Path):
        return _of_file(Path(source))
    if isinstance(source, Mapping):
        if "data" in source:
            return _of_json(source, "the data")
        raise DataError(
            f"A mapping with the keys {', '.join(map(str, source))} is no list of triplets. "
            "Give a list, or one split of a DatasetDict: data['train']"
        )
    if _is_frame(source):
        source = source.to_dict("records")
    if isinstance(source, Iterable):
        return (_record(f"record {n}", _plain(fields)) for n, fields in enumerate(source, start=1))
    raise DataError(
        f"{source!r} ({type(source).__name__}) holds no triplets. "
        "Give a list of {'context', 'question', 'answer'}, a file, a datasets.Dataset or a DataFrame"
    )


def _is_frame(source: Any) -> TypeGuard[Any]:
    """Whether it is a DataFrame, whose iteration gives the columns' names; pandas need not be there."""
    return hasattr(source, "columns") and callable(getattr(source, "to_dict", None))


def _plain(value: Any) -> Any:
    """Lists and plain values in place of arrays and tensors, which a formatted data set has.

    What pandas has in place of None, NaN and NA, is None again.
    """
    if type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, Mapping):
        return {key: _plain(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_plain(own) for own in value]
    tolist = getattr(value, "tolist", None)
    return _plain(tolist()) if callable(tolist) else value


def _record(name: str, fields: object) -> Record:
    if isinstance(fields, Mapping):
        return Record(name, fields)
    return Record(name, None, f"it is {type(fields).__name__}, not an object with context, question, answer")


def _of_file(path: Path) -> Iterator[Record]:
    content = _read(path)
    if path.suffix.lower() in _LINES:
        return _of_lines(path, content)
    text = _decoded(path, content)
    try:
        return _of_json(json.loads(text), path.name)
    except RecursionError as error:
        raise DataError(f"{path} is nested too deeply. Give SQuAD's format or JSON lines") from error
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text.lstrip().startswith("{"):  # JSON lines by another name
            return _of_lines(path, content)
        raise DataError(
            f"{path} is not JSON: {error.msg} in line {error.lineno}. "
            "Give SQuAD's format or JSON lines (.jsonl) of triplets"
        ) from error
    except ValueError as error:  # Python reads no number of more than 4,300 digits
        raise DataError(f"{path} cannot be read: a number in it has too many digits. Mend it") from error


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}). Give a SQuAD or JSONL file") from error
    if not content.strip():
        raise DataError(f"{path} is empty. Give a SQuAD file, or a .jsonl with a triplet a line")
    for sign, kind in _OTHER_FORMATS.items():
        if content.startswith(sign):
            raise DataError(f"{path} is {kind}. SQuAD's format, JSON and JSON lines are read, as plain text")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{path} is UTF-16. Save it as UTF-8")
    return content.removeprefix(b"\xef\xbb\xbf")


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path} is not UTF-8: byte 0x{content[error.start]:02x} in line {line}. Save it as UTF-8"
        ) from error


def _of_lines(path: Path, content: bytes) -> Iterator[Record]:
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        name = f"line {number} of {path.name}"
        try:
            yield _record(name, json.loads(line.decode()))
        except UnicodeDecodeError as error:
            yield Record(name, None, f"it is not UTF-8 (byte 0x{line[error.start]:02x})")
        except json.JSONDecodeError as error:
            yield Record(name, None, f"it is not JSON: {error.msg}")
        except ValueError:
            yield Record(name, None, "a number in it has too many digits")
        except RecursionError:
            yield Record(name, None, "it is nested too deeply")


def _of_json(value: object, name: str) -> Iterator[Record]:
    is_triplet = isinstance(value, Mapping) and "data" not in value and "context" in value
    if is_triplet:  # the only one of a file of JSON lines
        value = [value]
    records = value.get("data") if isinstance(value, Mapping) else value
    if not isinstance(records, Sequence) or isinstance(records, str):
        raise DataError(f"{name} is neither in SQuAD's format nor a list of triplets. {_SQUAD}")
    return _of_articles(records, name)


def _of_articles(articles: Sequence[object], name: str) -> Iterator[Record]:
    for number, article in enumerate(articles, start=1):
        if not isinstance(article, Mapping) or "paragraphs" not in article:
            yield _record(f"record {number} of {name}", article)
            continue
        yield from _of_paragraphs(article, f"article {number} of {name}")


def _of_paragraphs(article: Mapping[str, Any], name: str) -> Iterator[Record]:
    paragraphs = article["paragraphs"]
    if not isinstance(paragraphs, Sequence) or isinstance(paragraphs, str):
        yield Record(name, None, f"its paragraphs are {type(paragraphs).__name__}, not a list")
        return
    for number, paragraph in enumerate(paragraphs, start=1):
        own = f"paragraph {number} of {name}"
        questions = paragraph.get("qas") if isinstance(paragraph, Mapping) else None
        if not isinstance(questions, Sequence) or isinstance(questions, str):
            yield Record(own, None, f"it has no list 'qas'. {_SQUAD}")
            continue
        shared = {"title": article.get("title"), **{k: paragraph[k] for k in ("context",) if k in paragraph}}
        for place, question in enumerate(questions, start=1):
            yield _of_question(question, shared, f"question {place} of {own}")


def _of_question(question: object, shared: Mapping[str, Any], name: str) -> Record:
    if not isinstance(question, Mapping):
        return _record(name, question)
    if question.get("id") is not None:
        name = f"question {question['id']!r} ({name})"
    return Record(name, {**shared, **question})
