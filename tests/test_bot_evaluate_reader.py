"""`manualbot evaluate-reader` on a model folder, in a runtime, with a threshold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_readers

from bot.cli import main


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    context = "Lamp 3: it turns white when it is ready."
    answerable = {"id": "1", "question": "Which?", "answers": [{"text": "white", "answer_start": 17}]}
    qas = [answerable, {"id": "2", "question": "Who?", "answers": []}]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "A", "paragraphs": [{"context": context, "qas": qas}]}]}))
    return path


@pytest.fixture
def command(squad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    model = tiny_readers.write_distilbert(tmp_path / "model")
    return ["evaluate-reader", str(squad), "--json", "--model", str(model), "--runtime", "torch-fp32"]


@pytest.mark.parametrize(("threshold", "no_answer_right"), [("-1000", 100.0), ("1000", 0.0)])
def test_the_threshold_decides_what_counts_as_no_answer(
    command: list[str], threshold: str, no_answer_right: float, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--null-threshold", threshold]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["NoAns_exact"] == no_answer_right
    assert printed["n"]["HasAns_exact"] == 1


def test_a_runtime_that_there_is_not_is_a_wrong_call(squad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate-reader", str(squad), "--runtime", "onnx-int4"]) == 2
    assert "'onnx-int4' is none of onnx-int8, onnx-fp32, torch-bf16, torch-fp32" in capsys.readouterr().err


def test_a_model_folder_that_is_not_there_is_told(
    squad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    assert main(["evaluate-reader", str(squad), "--model", str(tmp_path / "nowhere")]) == 1
    assert "No model folder at" in capsys.readouterr().err
