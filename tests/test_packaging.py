"""What is shipped, and which way the packages lean."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "qa_core", "training")
UNUSED = {"SLACK_CLIENT_SECRET"}  # Slack's: the bot looks away from it


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_file_of_the_packages_weights_included(wheel: zipfile.ZipFile) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    shipped = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}

    assert shipped == files


def test_the_wheel_carries_both_licences_and_the_command(wheel: zipfile.ZipFile) -> None:
    info = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")).split("/")[0]

    assert wheel.read(f"{info}/licenses/LICENSE").startswith(b"MIT License")
    assert b"CC BY-SA 4.0" in wheel.read(f"{info}/licenses/qa_core/weights/LICENSE")
    assert b"manualbot = bot.start:main" in wheel.read(f"{info}/entry_points.txt")
    assert b"Classifier: Private :: Do Not Upload" in wheel.read(f"{info}/METADATA")


def test_licence_and_model_card_name_every_source_and_the_card_has_the_readmes_figures(
    wheel: zipfile.ZipFile,
) -> None:
    licence = wheel.read("qa_core/weights/LICENSE").decode()
    card = wheel.read("qa_core/weights/reader/README.md").decode()
    for source in (
        "SQuAD 1.1 and 2.0",
        "SQuADshifts",
        "QAMR",
        "E-Manual QA",
        "all-MiniLM-L6-v2",
        "all-mpnet-base",
    ):
        assert source in licence
        assert source in card

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for manuals, in_card in (
        ("sample manuals, 174", "sample manuals"),
        ("eleven further manuals", "held-out own"),
    ):
        [row] = [line for line in readme.splitlines() if line.startswith(f"| {manuals}")]
        [own] = [
            line
            for line in card.splitlines()
            if line.startswith(f"| {in_card} ") and "manualbot eval" in line
        ]
        found = re.search(r"right section first ([\d.]+), .*?ROUGE-L of what is shown ([\d.]+)", row)
        assert found
        assert f"section hit@1 {found[1]}, ROUGE-L of what is shown {found[2]} " in own


def test_torch_is_pinned_so_that_the_wheel_for_the_cpu_is_taken() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert "torch==2.13.0" in project["dependencies"]


@pytest.mark.slow
def test_bot_leans_on_training_and_training_on_qa_core_and_never_back() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def install(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [ROOT / ".ci/install", tmp_path / "venv", "nothing"]
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def fake_python(tmp_path: Path, script: str) -> str:
    path = tmp_path / "python3"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_python_that_is_too_old_is_named_with_the_fix(tmp_path: Path) -> None:
    old = fake_python(tmp_path, 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')

    done = install(tmp_path, PYTHON=old)

    assert done.returncode == 1
    assert f"Python 3.11 or later is needed; {old} says: Python 3.9.2" in done.stderr
    assert "sudo apt install make python3-venv" in done.stderr


def test_a_missing_venv_module_is_named_with_the_fix(tmp_path: Path) -> None:
    without_venv = fake_python(tmp_path, 'case "$*" in *ensurepip*) exit 1;; esac')

    done = install(tmp_path, PYTHON=without_venv)

    assert done.returncode == 1
    assert f"{without_venv} cannot make virtual environments" in done.stderr
    assert "sudo apt install make python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_the_readme_lists_every_command_and_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    settings = "".join((ROOT / f"{name}/settings.py").read_text(encoding="utf-8") for name in PACKAGES)

    names = set(re.findall(r"MANUALBOT_[A-Z_]+|SLACK_[A-Z]+_(?:TOKEN|SECRET)", settings)) - UNUSED
    commands = [command.name or "" for command in get_command(app).commands.values()]

    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []
    assert [name for name in commands if f"`manualbot {name}" not in readme] == []


def test_every_module_that_comments_and_documents_name_is_there() -> None:
    texts = [path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.suffix in {".py", ".md"}]
    named = {
        (path.relative_to(ROOT).as_posix(), found)
        for path in [*texts, ROOT / "README.md"]
        for found in re.findall(rf"\b(?:{'|'.join(PACKAGES)})/[\w/]+\.py\b", path.read_text(encoding="utf-8"))
    }

    assert len(named) > 10
    assert not [(where, module) for where, module in sorted(named) if not (ROOT / module).is_file()]
