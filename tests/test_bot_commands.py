"""The commands that keep the library, the releases and the figures, on fakes of what they work on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes_bot import FakeEngine, answer

import bot.opening
from bot.cli import main
from qa_core.errors import ReleaseError, SourceError
from qa_core.indexing.library import Duplicate, IndexReport, LeftOut, SourceSummary
from qa_core.indexing.survey import Failure
from qa_core.release_manifests import Release
from qa_core.types import Reading, Span

REPORT = IndexReport(
    n_manuals=2,
    n_sections=40,
    n_passages=1200,
    n_new=1,
    n_unchanged=1,
    n_removed=0,
    seconds=3.456,
    failures=(Failure("/m/scan [1].pdf", "no text layer; run OCR first"),),
    duplicates=(Duplicate("/m/copy.md", "/m/a.md"),),
    left_out=(LeftOut("/m/b.md", 4096),),
)
SOURCE = SourceSummary("/m", "folder", 2, 1200, "2026-01-02T03:04:05+00:00", (LeftOut("/m/b.md", 4096),))
LEFT_OUT = "Left out as data, such as a picture as base64: 4,096 characters of /m/b.md"


@dataclass
class FakeLibrary:
    calls: list[tuple[str, object]] = field(default_factory=list)
    error: Exception | None = None

    def add(self, paths: Sequence[Path], progress: Callable[[str, int, int], None]) -> IndexReport:
        return self._do("add", list(paths), progress)

    def refresh(self, progress: Callable[[str, int, int], None]) -> IndexReport:
        return self._do("refresh", None, progress)

    def remove(self, path: Path, progress: Callable[[str, int, int], None]) -> IndexReport:
        return self._do("remove", path, progress)

    def sources(self) -> tuple[SourceSummary, ...]:
        return (SOURCE,)

    def _do(self, name: str, argument: object, progress: Callable[[str, int, int], None]) -> IndexReport:
        self.calls.append((name, argument))
        progress("reading", 1, 2)
        if self.error:
            raise self.error
        return REPORT


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    fake = FakeLibrary()
    monkeypatch.setattr(bot.opening, "open_library", lambda *_: fake)
    return fake


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    gold = {"question": "How often?", "answers": ["every 200 cups"], "section": "Descaling"}
    path.write_text(json.dumps(gold) + "\n", encoding="utf-8")
    return path


def test_index_prints_the_size_the_seconds_and_what_failed(
    library: FakeLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", "/m", "/n"]) == 0

    assert library.calls == [("add", [Path("/m"), Path("/n")])]
    printed = capsys.readouterr()
    assert [line.rstrip() for line in printed.out.splitlines()] == [
        "2 manuals, 40 sections, 1,200 passages; 3.5 seconds",
        "1 new or changed, 1 unchanged, 0 removed",
        "Left out as a copy: /m/copy.md (of /m/a.md)",
        LEFT_OUT,
        "not indexed      reason",
        "/m/scan [1].pdf  no text layer; run OCR first",
    ]
    assert printed.err == ""  # progress is for terminals


def test_file_names_are_printed_on_one_line_without_what_a_terminal_obeys(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "/m/a\nb\x1b[2J.md"
    report = replace(REPORT, failures=(Failure(name, "empty"),), duplicates=(Duplicate(name, name),))
    monkeypatch.setattr(library, "add", lambda *_: report)
    monkeypatch.setattr(library, "sources", lambda: (replace(SOURCE, path=name),))
    assert main(["index", "/m"]) == 0
    assert main(["sources"]) == 0
    library.error = SourceError("/m/\x1b[2J does not exist.\nCheck the path")
    assert main(["index"]) == 1
    printed = capsys.readouterr()
    assert "Left out as a copy: /m/a\\nb\\x1b[2J.md (of /m/a\\nb\\x1b[2J.md)\n" in printed.out
    assert "/m/a\\nb\\x1b[2J.md  empty" in printed.out
    assert "/m/a\\nb\\x1b[2J.md  " in printed.out.splitlines()[-2]
    assert printed.err == "manualbot: /m/\\x1b[2J does not exist.\nCheck the path\n"


def test_index_without_paths_reads_all_sources_again(library: FakeLibrary) -> None:
    assert main(["index"]) == 0

    assert library.calls == [("refresh", None)]


@pytest.mark.usefixtures("library")
def test_index_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "/m", "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "manuals": 2,
        "sections": 40,
        "passages": 1200,
        "new": 1,
        "unchanged": 1,
        "removed": 0,
        "seconds": 3.46,
        "failures": [{"path": "/m/scan [1].pdf", "reason": "no text layer; run OCR first"}],
        "duplicates": [{"path": "/m/copy.md", "of": "/m/a.md"}],
        "left_out": [{"path": "/m/b.md", "characters": 4096}],
    }


def test_a_source_that_does_not_exist_is_an_error(
    library: FakeLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    library.error = SourceError("/x does not exist. Check the path; nothing was changed")

    assert main(["index", "/x"]) == 1

    expected = "manualbot: /x does not exist. Check the path; nothing was changed\n"
    assert capsys.readouterr() == ("", expected)


@pytest.mark.usefixtures("library", "in_berlin")
def test_sources_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    listed = ["/m", "2", "1200", "2026-01-02", "04:04"]
    assert rows == [["source", "manuals", "passages", "indexed"], listed, LEFT_OUT.split()]

    assert main(["sources", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "path": "/m",
            "kind": "folder",
            "manuals": 2,
            "passages": 1200,
            "indexed_at": SOURCE.indexed_at,
            "left_out": [{"path": "/m/b.md", "characters": 4096}],
        }
    ]


def test_sources_remove_takes_one_out(library: FakeLibrary) -> None:
    assert main(["sources", "remove", "/m"]) == 0

    assert library.calls == [("remove", Path("/m"))]


RELEASES = (
    Release("shipped-0.1.0", "2026-01-01T10:00:00.000+00:00", "e1", "r1", "c1", "onnx-int8", {"f1": 0.71}),
    Release("r1", "2026-01-02T10:00:00.000+00:00", "e1", "r2", "c2", "onnx-int8", {}, "after 40 votes"),
)


class FakeReleases:
    def list(self) -> tuple[Release, ...]:
        return RELEASES

    def __init__(self, current: str = "r1") -> None:
        self._current = current

    def current_id(self) -> str:
        return self._current

    def current(self) -> Release:
        if self._current != "r1":
            raise ReleaseError(f"There is no release {self._current!r}")
        return RELEASES[1]


@pytest.mark.usefixtures("in_berlin")
def test_releases_lists_them_and_marks_the_current_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bot.opening, "open_releases", FakeReleases)

    assert main(["releases"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split()[:2] for row in rows] == [["shipped-0.1.0", "2026-01-01"], ["*", "r1"]]
    assert ("f1 0.71" in rows[0], "after 40 votes" in rows[1]) == (True, True)

    assert main(["releases", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(each["id"], each["current"]) for each in listed] == [("shipped-0.1.0", False), ("r1", True)]
    assert listed[0]["figures"] == {"f1": 0.71}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_releases_lists_them_where_the_current_one_is_gone_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    monkeypatch.setattr(bot.opening, "open_releases", lambda: FakeReleases("r9"))

    assert main(["releases", *options]) == 1

    printed = capsys.readouterr()
    assert ("r1" in printed.out, "*" in printed.out) == (True, False)
    assert printed.err == "manualbot: There is no release 'r9'\n"


def test_releases_use_switches(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bot.opening, "use_release", lambda wanted, _: {"r1": RELEASES[1]}[wanted])

    assert main(["releases", "use", "r1"]) == 0
    assert capsys.readouterr().out == "The current release is r1\n"


def test_releases_use_of_an_unknown_id_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(wanted: str, _: object) -> Release:
        raise ReleaseError(f"No release {wanted!r}. There are: r1")

    monkeypatch.setattr(bot.opening, "use_release", refuse)

    assert main(["releases", "use", "r7"]) == 1
    assert capsys.readouterr().err == "manualbot: No release 'r7'. There are: r1\n"


def test_releases_prune_names_what_it_removed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bot.opening, "prune_releases", lambda keep: RELEASES[keep:])

    assert main(["releases", "prune", "--keep", "1"]) == 0
    assert main(["releases", "prune"]) == 0

    assert capsys.readouterr().out == "Removed r1\nNothing to remove\n"


def test_evaluate_prints_every_figure_with_its_number_of_questions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], questions: Path
) -> None:
    monkeypatch.setattr(bot.opening, "open_engine", lambda *_: FakeEngine())

    assert main(["evaluate", str(questions)]) == 0
    figures = {row[0]: row[1:] for row in map(str.split, capsys.readouterr().out.splitlines())}
    assert figures["section_hit_at_1"] == ["1.000", "1"]
    assert figures["manual_hit_at_1"] == ["-", "0"]
    assert figures["answer_exact_match"] == ["1.000", "1"]

    assert main(["evaluate", str(questions), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["section_hit_at_1"], printed["n"]["section_hit_at_1"]) == (1.0, 1)


def test_evaluate_counts_what_is_declined_as_0_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], questions: Path
) -> None:
    unsure = answer(question="How often?")
    object.__setattr__(unsure, "confidence", 0.2)
    engine = FakeEngine({"How often?": unsure})
    monkeypatch.setattr(bot.opening, "open_engine", lambda *_: engine)

    main(["evaluate", str(questions), "--json"])
    declined = json.loads(capsys.readouterr().out)
    main(["evaluate", str(questions), "--json", "--no-decline"])
    answered = json.loads(capsys.readouterr().out)

    assert (declined["declined"], declined["answer_exact_match"]) == (1.0, 0.0)
    assert (answered["declined"], answered["answer_exact_match"]) == (0.0, 1.0)


def test_evaluate_names_the_line_that_is_wrong_before_it_loads_a_model(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("{}\n", encoding="utf-8")

    assert main(["evaluate", str(path)]) == 1
    assert f"manualbot: {path}, line 1: `question` must be" in capsys.readouterr().err


def test_evaluate_reader_prints_squads_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class FirstWords:
        def read(self, _question: str, hits: Sequence[object]) -> tuple[Reading, ...]:
            return tuple(Reading(hit, (Span(0, 4, 1.0),), 0.0) for hit in hits)  # type: ignore[arg-type]

    qa = {"id": "1", "question": "Who?", "answers": [{"text": "Anna", "answer_start": 0}]}
    article = {"title": "A", "paragraphs": [{"context": "Anna did.", "qas": [qa]}]}
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"version": "1.1", "data": [article]}), encoding="utf-8")
    monkeypatch.setattr(bot.opening, "open_reader", lambda *_: FirstWords())

    assert main(["evaluate-reader", str(path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["exact_match"], printed["f1"]) == (100.0, 100.0)


def test_evaluate_reader_takes_the_null_threshold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The null score exceeds the best span's by 2; one question has an answer and one has none."""

    class Doubtful:
        def read(self, _question: str, hits: Sequence[object]) -> tuple[Reading, ...]:
            return tuple(Reading(hit, (Span(0, 4, 1.0),), 3.0) for hit in hits)  # type: ignore[arg-type]

    qas = [
        {"id": "1", "question": "Who?", "answers": [{"text": "Anna", "answer_start": 0}]},
        {"id": "2", "question": "Where?", "answers": []},
    ]
    path = tmp_path / "squad.json"
    article = {"title": "A", "paragraphs": [{"context": "Anna did.", "qas": qas}]}
    path.write_text(json.dumps({"version": "2.0", "data": [article]}), encoding="utf-8")
    monkeypatch.setattr(bot.opening, "open_reader", lambda *_: Doubtful())

    figures = {}
    for threshold in ("0", "2.5"):
        assert main(["evaluate-reader", str(path), "--json", "--null-threshold", threshold]) == 0
        printed = json.loads(capsys.readouterr().out)
        figures[threshold] = (printed["HasAns_f1"], printed["NoAns_f1"])
    assert figures == {"0": (0.0, 100.0), "2.5": (100.0, 0.0)}


def test_a_library_that_logs_more_than_it_is_asked_to_is_not_heard() -> None:
    code = (
        "import logging, bot.cli, bot.opening; bot.cli._prepare_process(); bot.opening.open_settings();"
        "noisy = logging.getLogger('noisy'); noisy.setLevel('DEBUG');"
        "noisy.debug('Building index from IDs'); noisy.warning('heard')"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr == "manualbot: heard\n"
