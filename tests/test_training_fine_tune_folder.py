"""Fine-tuning into a folder: killed and run again it ends where an undisturbed run ends."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import tiny_readers

from bot.cli import main
from bot.terminal.training_status import TrainingStatus, status_text
from qa_core.errors import ManualbotError, ModelError
from qa_core.locks import one_at_a_time
from training.reader import QAModel
from training.reading.fine_tune_folder import FineTuneFolder
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import Watch
from training.reading.interruption import Interrupted
from training.reading.span_training import TrainingProgress

SETTINGS = FineTuneSettings(
    n_epochs=3, learning_rate=1e-2, batch_size=8, checkpoint_every=3, patience=3, dtype="float32"
)
N_STEPS = 12  # three epochs of four batches
UPPER = replace(SETTINGS, n_frozen_layers=1)
LONG = replace(SETTINGS, batch_size=1, checkpoint_every=15)  # three epochs of 32 steps

# Runs until a step, then dies by a signal: as kill -9 does it, with nothing cleaned up.
KILLED = """
import os, sys
from pathlib import Path
import torch
torch.set_num_threads(int(sys.argv[4]))
import test_training_fine_tune_folder as t
def die(progress):
    if progress.step == int(sys.argv[3]):
        os.kill(os.getpid(), int(sys.argv[5]))
t.tune(Path(sys.argv[1]), Path(sys.argv[2]), die, getattr(t, sys.argv[6]))
"""


def tune(
    base: Path,
    out: Path,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    settings: FineTuneSettings = SETTINGS,
) -> list[float]:
    """Fine-tune into `out`; the validation losses of the epochs."""
    folder, model = FineTuneFolder(out), QAModel.load(base)
    with folder.claimed():
        report = model.fine_tune(
            tiny_readers.TRIPLETS, settings, work=folder.work, watch=Watch(on_progress=on_progress)
        )
        folder.finish(model, report)
    return [each.epoch.loss or 0.0 for each in report.epochs]


def run_until(
    step: int, sent: signal.Signals, base: Path, out: Path, settings: str = "SETTINGS"
) -> subprocess.CompletedProcess[str]:
    import torch

    arguments = [str(base), str(out), str(step), str(torch.get_num_threads()), str(int(sent)), settings]
    return subprocess.run(
        [sys.executable, "-c", KILLED, *arguments],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_readers.write_distilbert(tmp_path / "base")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "triplets.jsonl"
    path.write_text("".join(json.dumps(triplet) + "\n" for triplet in tiny_readers.TRIPLETS))
    return path


@pytest.mark.parametrize(
    ("settings", "step", "goes_on_at"),
    [
        pytest.param("SETTINGS", 7, 5, id="from the end of the first epoch"),
        pytest.param("UPPER", 7, 5, id="with layers that are frozen"),
        pytest.param("LONG", 50, 46, id="from within the second epoch"),
    ],
)
def test_a_run_that_was_killed_goes_on_to_the_same_model_bit_by_bit(
    base: Path, tmp_path: Path, settings: str, step: int, goes_on_at: int
) -> None:
    how: FineTuneSettings = {"SETTINGS": SETTINGS, "UPPER": UPPER, "LONG": LONG}[settings]
    undisturbed = tune(base, tmp_path / "undisturbed", settings=how)
    killed = run_until(step, signal.SIGKILL, base, tmp_path / "killed", settings)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "killed" / "model.safetensors").exists()
    steps: list[int] = []
    losses = tune(base, tmp_path / "killed", lambda progress: steps.append(progress.step), how)
    assert steps == list(range(goes_on_at, 3 * 32 // how.batch_size + 1))
    assert losses == undisturbed
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("undisturbed", "killed")]
    assert weights[0] == weights[1]


def test_ctrl_c_leaves_a_checkpoint_of_the_step_that_was_done(base: Path, tmp_path: Path) -> None:
    def press_at_seven(progress: TrainingProgress) -> None:
        if progress.step == 7:
            signal.raise_signal(signal.SIGINT)

    undisturbed = tune(base, tmp_path / "undisturbed")
    with pytest.raises(Interrupted, match=f"Stopped after step 7 of {N_STEPS}"):
        tune(base, tmp_path / "stopped", press_at_seven)
    steps: list[int] = []
    assert tune(base, tmp_path / "stopped", lambda progress: steps.append(progress.step)) == undisturbed
    assert steps == [8, 9, 10, 11, 12]


def test_a_finished_folder_holds_model_and_report_and_no_state(base: Path, tmp_path: Path) -> None:
    losses = tune(base, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "config.json",
        "curves.png",
        "model.safetensors",
        "report.json",
        "report.md",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [epoch["figures"]["loss"] for epoch in report["epochs"]] == losses
    with pytest.raises(ModelError, match="is already fine-tuned"):
        tune(base, tmp_path / "out")


def test_a_run_killed_while_its_state_was_removed_is_finished_by_the_same_command(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fine-tune", str(data), "--out", str(tmp_path / "out"), "--base", str(base), "--epochs", "1"]
    assert main(command) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    work = FineTuneFolder(tmp_path / "out").work
    for more, said in (([], "The fine-tuning had ended"), (["--json"], report["identity"])):
        work.mkdir()
        (work / "epochs.json").write_text("[]")
        capsys.readouterr()
        assert main([*command, *more]) == 0
        assert said in capsys.readouterr().out
        assert not work.exists()
    assert main(command) == 1
    assert "is already fine-tuned" in capsys.readouterr().err


def test_a_run_that_is_being_finished_elsewhere_is_left_alone(
    base: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tune(base, tmp_path / "out")
    folder = FineTuneFolder(tmp_path / "out")
    with (
        one_at_a_time(folder.work / "lock", "Fine-tuning", timeout_s=0),
        pytest.raises(ManualbotError, match="already under way"),
    ):
        folder.finish_killed()
    assert "waiting" not in caplog.text, "for nothing is waited"
    assert folder.work.is_dir()


def test_a_folder_with_other_files_is_not_touched(base: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("Once")
    with pytest.raises(ModelError, match="thesis holds other files"):
        tune(base, tmp_path / "thesis")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.txt"]


def test_a_run_of_other_data_is_not_gone_on_with(base: Path, tmp_path: Path) -> None:
    model = QAModel.load(base)

    def stop(_: TrainingProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fine_tune(tiny_readers.TRIPLETS, SETTINGS, work=tmp_path / "w", watch=Watch(on_progress=stop))
    more = replace(SETTINGS, n_epochs=4)
    for triplets, settings in ((tiny_readers.TRIPLETS[:24], SETTINGS), (tiny_readers.TRIPLETS, more)):
        with pytest.raises(ModelError, match="belongs to other data, another model or other settings"):
            QAModel.load(base).fine_tune(triplets, settings, work=tmp_path / "w")


def tune_until_the_disk_is_full(
    base: Path,
    work: Path,
    settings: FineTuneSettings,
    full_at: int,
    before: Callable[[], None] = lambda: None,
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_the_disk(progress: TrainingProgress) -> None:
        if progress.step == full_at:
            before()
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))

    try:
        watch = Watch(on_progress=fill_the_disk)
        QAModel.load(base).fine_tune(tiny_readers.TRIPLETS, settings, work=work, watch=watch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_the_last_checkpoint_stays(base: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: writing fails half-way through."""
    work, sizes = tmp_path / "w", list[int]()

    def note_the_size() -> None:
        sizes.append((work / "checkpoint.pt").stat().st_size)

    with pytest.raises(ModelError, match=r"checkpoint cannot be written .* Free some disk space"):
        tune_until_the_disk_is_full(base, work, LONG, full_at=33, before=note_the_size)
    assert (work / "checkpoint.pt").stat().st_size == sizes[0]
    assert not (work / "checkpoint.tmp").exists()
    steps: list[int] = []
    again = Watch(on_progress=lambda progress: steps.append(progress.step))
    QAModel.load(base).fine_tune(tiny_readers.TRIPLETS, LONG, work=work, watch=again)
    assert steps[0] == 33, "after the end of the first epoch"


def test_weights_that_a_full_disk_cut_off_are_removed(base: Path, tmp_path: Path) -> None:
    work = tmp_path / "w"
    with pytest.raises(ModelError, match="The epoch cannot be kept"):
        tune_until_the_disk_is_full(base, work, SETTINGS, full_at=1)
    assert sorted(path.name for path in work.iterdir()) == [
        "checkpoint.pt",
        "epoch-0.safetensors",
        "epochs.json",
    ]


def test_a_damaged_checkpoint_is_told(base: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"half a zip")
    with pytest.raises(ModelError, match=r"checkpoint.pt is damaged .* Remove it to start anew"):
        QAModel.load(base).fine_tune(tiny_readers.TRIPLETS, SETTINGS, work=tmp_path)


def test_the_command_prints_table_and_chart_and_saves(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with data.open("a") as file:
        file.write('{"context": "a b", "question": "What?", "answer": "c"}\n')
    command = ["fine-tune", str(data), "--out", str(tmp_path / "out"), "--base", str(base), "--epochs", "1"]
    assert main(command) == 1
    assert (
        "Line 41 of triplets.jsonl: its answer 'c' does not stand in its context" in capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()
    assert main([*command, "--skip-invalid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch   Loss ↓  Accuracy ↑  Observation"
    assert lines[1].split()[0] == "0"
    assert lines[1].endswith("before training")
    assert "Records left out: 1." in lines
    assert "  line 41 of triplets.jsonl: its answer 'c' does not stand in its context" in lines
    assert QAModel.load(tmp_path / "out").source == tmp_path / "out"


@pytest.fixture
def own_threads() -> Iterator[None]:
    """The number of threads is torch's own again afterwards."""
    import torch

    n_threads = torch.get_num_threads()
    yield
    torch.set_num_threads(n_threads)


@pytest.mark.usefixtures("own_threads")
def test_the_command_trains_on_as_many_threads_as_the_setting_says(
    base: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    torch.set_num_threads(2)
    monkeypatch.setenv("MANUALBOT_THREADS", "1")
    command = ["fine-tune", str(data), "--out", str(tmp_path / "out"), "--base", str(base), "--epochs", "1"]
    assert main(command) == 0
    assert torch.get_num_threads() == 1


def test_the_command_trains_as_the_settings_do_by_default(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fine-tune", str(data), "--out", str(tmp_path / "out"), "--base", str(base), "--epochs", "1"]
    assert main(command) == 0
    assert "Learning rate 3e-05; the span head was trained before." in capsys.readouterr().out.splitlines()
    settings = json.loads((tmp_path / "out" / "report.json").read_text())["settings"]
    assert settings == asdict(FineTuneSettings(n_epochs=1, learning_rate=3e-5, n_frozen_layers=0))


@pytest.mark.parametrize(
    ("seed", "said"), [("-1", "greater than or equal to 0"), (str(2**32), "less than or equal to 4294967295")]
)
def test_a_seed_that_cannot_be_drawn_with_is_refused(
    seed: str, said: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fine-tune", str(data), "--out", str(tmp_path / "out"), "--seed", seed]) == 2
    assert said in capsys.readouterr().err


def test_more_layers_than_there_are_cannot_be_frozen(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fine-tune", str(data), "--out", str(tmp_path / "out"), "--base", str(base)]
    assert main([*command, "--freeze-layers", "2"]) == 1
    assert "2 layers cannot be frozen: the model has 1. Freeze 0 to 1" in capsys.readouterr().err
    assert main([*command, "--freeze-layers", "1", "--epochs", "1"]) == 0


def test_help_is_given_without_torch() -> None:
    code = "import sys; from bot.cli import main; main(sys.argv[1:]); sys.exit('torch' in sys.modules)"
    command = [sys.executable, "-c", code, "fine-tune", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "[default: 8e-05; 3e-05" in shown
    assert "0.0003 for" in shown


def test_the_command_ends_with_130_on_ctrl_c(
    base: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def press(_status: TrainingStatus, _progress: TrainingProgress) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingStatus, "__call__", press)
    command = ["fine-tune", str(data), "--out", str(tmp_path / "out"), "--base", str(base)]
    assert main(command) == 130
    told = capsys.readouterr().err
    assert "manualbot: Stopped after step 1 of 6; the checkpoint is in" in told
    assert "The same command goes on from there" in told
    monkeypatch.undo()
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_train"] == 32


def test_the_status_tells_speed_and_time_left() -> None:
    progress = TrainingProgress(step=37, n_steps=150, loss=1.2344, tokens_per_s=2950.4, left_s=83.0)
    assert status_text(progress) == "step 37 of 150, loss 1.234, 2,950 tokens/s, 1:23 left"
    later = TrainingProgress(step=37, n_steps=150, loss=1.0, tokens_per_s=2950.4, left_s=3_723.0)
    assert status_text(later).endswith("1:02:03 left")


def test_where_lines_cannot_be_rewritten_the_status_comes_once_a_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    status = TrainingStatus(clock=lambda: now[0])
    for second in range(150):
        now[0] = float(second)
        status(TrainingProgress(second, 150, 1.0, 100.0, 0.0))
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "step 60 of 150",
        "step 120 of 150",
    ]
