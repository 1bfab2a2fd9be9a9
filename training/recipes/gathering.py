"""What was found for questions, kept in a file a corpus: a measurement that was killed goes on from there."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson

from qa_core.documents import PARSER_VERSION
from qa_core.engine import Found
from qa_core.inference.checkpoint import file_sha256
from qa_core.records import hit_from, spans_from
from qa_core.types import Reading
from training.calibrate import Sample
from training.measuring.questions import Question
from training.recipes.protocols import progress

logger = logging.getLogger(__name__)


class Finder(Protocol):
    """What finds: `qa_core.engine.Engine`, or a fake."""

    def find(self, question: str, product: str | None = None) -> Found:
        """What search and reader find for the question."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """A folder of files, each with one line a question. `models` names what finds: encoder and reader."""

    folder: Path
    models: str
    manuals: tuple[str, ...] = ()  # what they are read with, and the digests of their files

    def on(self, *manuals: Path) -> Gathering:
        """The same for what is asked of these files and folders; what was found in others is not taken."""
        files = sorted(file for path in manuals for file in _files(path))
        return replace(self, manuals=(PARSER_VERSION, *map(file_sha256, files)))

    def read_all(
        self, open_engine: Callable[[], Finder], questions: Sequence[Question], name: str
    ) -> list[Sample]:
        """Every question with what was found for it.

        Only what the file `name` lacks is asked, of an engine that is opened only then; a file of other
        models, manuals or questions is begun anew.
        """
        path = self.folder / f"{name.replace(' ', '-').replace(',', '')}.jsonl"
        asked = [self.models, self.manuals, [q.text for q in questions]]
        key = hashlib.sha256(orjson.dumps(asked)).hexdigest()
        known = _known(path, key)
        samples = [Sample(question, found) for question, found in zip(questions, known, strict=False)]
        if len(samples) == len(questions):
            return samples
        engine, on_asked = open_engine(), progress(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [orjson.dumps({"key": key}), *map(_dumped, known)]
        path.write_bytes(b"".join(line + b"\n" for line in lines))  # without a line that was cut off
        with path.open("ab") as file:
            for question in questions[len(samples) :]:
                samples.append(Sample(question, engine.find(question.text)))
                file.write(_dumped(samples[-1].found) + b"\n")
                file.flush()
                on_asked(len(samples))
        return samples


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def _known(path: Path, key: str) -> list[Found]:
    """What the file holds; nothing if it has another key. A last line that was cut off is left out."""
    if not path.is_file():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    if not lines or orjson.loads(lines[0]) != {"key": key}:
        logger.info("%s belongs to other models, manuals or questions and is made anew", path)
        return []
    return [_loaded(orjson.loads(line)) for line in lines[1:]]


def _dumped(found: Found) -> bytes:
    """The readings are those of the first hits: their hits are not written twice."""
    readings = [{"spans": each.spans, "null_score": each.null_score} for each in found.readings]
    record = {
        "question": found.question, "asked": found.asked, "vector": found.vector, "whole": found.whole,
        "hits": found.hits, "readings": readings,
    }  # fmt: skip
    return orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY)


def _loaded(record: dict[str, Any]) -> Found:
    hits = tuple(map(hit_from, record["hits"]))
    readings = tuple(
        Reading(hit, spans_from(each["spans"]), each["null_score"])
        for hit, each in zip(hits, record["readings"], strict=False)
    )
    vector, whole = np.array(record["vector"], dtype=np.float32), record["whole"]
    found = Found(record["question"], record["asked"], vector, hits, readings)
    return found if whole is None else replace(found, whole=np.array(whole, dtype=np.float32))
