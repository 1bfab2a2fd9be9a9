"""A model folder becomes a session whose outputs are the model's."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.numpy import load_file, save_file
from tiny_models import write_model

from qa_core.errors import ModelError, ModelMemoryError
from qa_core.inference import runtime
from qa_core.inference.checkpoint import Checkpoint, file_sha256
from qa_core.inference.runtime import Outputs, onnx_path, open_session, prune_exports


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", params=["encode", "read"])
def task(request):
    return request.param


@pytest.fixture(scope="module")
def model_dir(task, tmp_path_factory):
    return write_model(tmp_path_factory.mktemp(task), task)


def batch(n_rows: int, n_tokens: int, n_padding: int = 0) -> dict[str, np.ndarray]:
    ids = np.random.default_rng(n_tokens).integers(4, 20, (n_rows, n_tokens))
    mask = np.ones_like(ids)
    segments = np.zeros_like(ids)
    segments[:, n_tokens // 2 :] = 1
    if n_padding:
        ids[-1, -n_padding:] = mask[-1, -n_padding:] = segments[-1, -n_padding:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}


def lowest_correlation(outputs: Outputs, expected: Outputs) -> float:
    return min(np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(outputs, expected, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 2), (1, 7), (2, 16), (5, 33)])
def test_an_export_computes_what_torch_computes_at_any_shape(model_dir, task, cache, shape):
    inputs = batch(*shape, n_padding=shape[1] // 3)
    expected = open_session(model_dir, task, "torch-fp32", cache, 1).run(inputs)

    outputs = open_session(model_dir, task, "onnx-fp32", cache, 1).run(inputs)

    tokens = inputs["attention_mask"].astype(bool)
    assert len(outputs) == {"encode": 1, "read": 2}[task]
    for output, wanted in zip(outputs, expected, strict=True):
        assert output.shape == wanted.shape
        assert output.dtype == np.float32
        np.testing.assert_allclose(output[tokens], wanted[tokens], atol=1e-4)


@pytest.mark.slow
def test_int8_agrees_with_fp32(model_dir, task, cache):
    inputs = batch(4, 40)
    expected = open_session(model_dir, task, "torch-fp32", cache, 1).run(inputs)

    outputs = open_session(model_dir, task, "onnx-int8", cache, 1).run(inputs)

    assert lowest_correlation(outputs, expected) > 0.97


@pytest.mark.slow
def test_bf16_gives_float32_arrays_close_to_fp32(model_dir, task, cache):
    inputs = batch(2, 16)
    expected = open_session(model_dir, task, "torch-fp32", cache, 1).run(inputs)

    outputs = open_session(model_dir, task, "torch-bf16", cache, 1).run(inputs)

    assert {output.dtype for output in outputs} == {np.dtype(np.float32)}
    assert lowest_correlation(outputs, expected) > 0.999


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def with_another_byte(content: bytes) -> bytes:
    """It can be opened still, and computes something else."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x40]) + content[middle + 1 :]


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [cut, with_another_byte])
def test_a_damaged_export_is_built_again(model_dir, task, cache, tmp_path, damaged):
    shutil.copytree(cache, tmp_path / "cache")
    path = onnx_path(Checkpoint.open(model_dir), task, "onnx-int8", tmp_path / "cache")
    session = open_session(model_dir, task, "onnx-int8", tmp_path / "cache", 1)
    whole = path.read_bytes()
    path.write_bytes(damaged(whole))

    rebuilt = open_session(model_dir, task, "onnx-int8", tmp_path / "cache", 1)

    assert path.read_bytes() == whole
    np.testing.assert_array_equal(session.run(batch(2, 16))[0], rebuilt.run(batch(2, 16))[0])
    assert not list((tmp_path / "cache").glob(".building-*"))


@pytest.mark.slow
def test_of_two_who_find_a_damaged_export_one_builds_it_again(model_dir, task, cache, tmp_path, monkeypatch):
    own = tmp_path / "cache"
    shutil.copytree(cache, own)
    path = onnx_path(Checkpoint.open(model_dir), task, "onnx-int8", own)
    open_session(model_dir, task, "onnx-int8", own, 1)
    path.write_bytes(cut(path.read_bytes()))
    looks, both_looked, built = itertools.count(), threading.Barrier(2, timeout=60), []
    is_whole, build = runtime._is_whole, runtime._build

    def look(path):
        found = is_whole(path)
        if next(looks) < 2:
            both_looked.wait()
        return found

    def build_and_count(*arguments):
        built.append(arguments)
        build(*arguments)

    monkeypatch.setattr(runtime, "_is_whole", look)
    monkeypatch.setattr(runtime, "_build", build_and_count)
    with ThreadPoolExecutor(2) as pool:
        opening = [pool.submit(open_session, model_dir, task, "onnx-int8", own, 1) for _ in range(2)]
        outputs = [each.result().run(batch(1, 7)) for each in opening]

    assert len(built) == 1
    assert lowest_correlation(*outputs) > 0.999


@pytest.mark.parametrize("want", [MemoryError("std::bad_alloc"), RuntimeError("pthread_create failed")])
def test_want_of_memory_is_no_damage(model_dir, task, tmp_path, monkeypatch, want):
    path = onnx_path(Checkpoint.open(model_dir), task, "onnx-int8", tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"a sound model")
    path.with_name("model.sha256").write_text(file_sha256(path))

    def refuse(*_arguments, **_named):
        raise want

    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)
    with pytest.raises(ModelMemoryError, match=r"want of memory .* lower MANUALBOT_THREADS \(3\)$"):
        open_session(model_dir, task, "onnx-int8", tmp_path, 3)

    assert path.read_bytes() == b"a sound model"


@pytest.mark.slow
def test_a_warm_onnx_session_imports_neither_torch_nor_transformers(model_dir, task, cache):
    open_session(model_dir, task, "onnx-fp32", cache, 1)
    code = (
        "import sys; from pathlib import Path; from qa_core.inference.runtime import open_session\n"
        f"open_session(Path({str(model_dir)!r}), {task!r}, 'onnx-fp32', Path({str(cache)!r}), 1)\n"
        "print([name for name in ('torch', 'transformers', 'onnx') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )

    assert done.stdout == "[]\n"


def test_a_model_that_cannot_be_exported_is_told_with_the_runtime_that_takes_it(
    model_dir, task, tmp_path, monkeypatch, capsys
):
    def refuse(*_arguments, **_named):
        print("a graph", file=sys.stderr)
        raise RuntimeError("Failed to export\n" + "a node\n" * 300)

    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(
        ModelError, match=r"a Bert\w+, which cannot be .*MANUALBOT_RUNTIME=torch-fp32$"
    ) as told:
        open_session(model_dir, task, "onnx-int8", tmp_path, 1)

    assert "\n" not in str(told.value)
    assert "a graph" not in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_runtime_is_named_with_those_there_are(tmp_path):
    with pytest.raises(ModelError, match=r"No runtime 'gpu'\. Choose one of: onnx-int8, onnx-fp32"):
        open_session(tmp_path, "encode", "gpu", tmp_path, 1)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="No model folder at"):
        open_session(tmp_path / "none", "encode", "onnx-int8", tmp_path, 1)


def test_pickled_weights_are_refused_unopened(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"anything")

    with pytest.raises(ModelError, match=r"only pickled weights \(pytorch_model.bin\)"):
        open_session(tmp_path, "encode", "torch-fp32", tmp_path, 1)


def test_truncated_weights_are_refused(model_dir, task, tmp_path):
    folder = Path(shutil.copytree(model_dir, tmp_path / "model"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])

    with pytest.raises(ModelError, match=r"model\.safetensors is corrupt"):
        open_session(folder, task, "torch-fp32", tmp_path, 1)


@pytest.mark.parametrize("runtime", ["onnx-int8", "torch-fp32"])
def test_weights_that_are_no_numbers_are_refused(model_dir, task, tmp_path, runtime):
    folder = Path(shutil.copytree(model_dir, tmp_path / "model"))
    tensors = load_file(folder / "model.safetensors")
    name = next(name for name in tensors if name.endswith("layer.0.output.dense.weight"))
    tensors[name][0, 0] = float("nan")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelError, match=r"not finite \(.*layer\.0\.output\.dense\.weight\)"):
        open_session(folder, task, runtime, tmp_path / "cache", 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", "{", "config.json cannot be read"),
        ("config.json", "[]", "holds a list, not an object"),
        ("config.json", None, "No config.json"),
        ("tokenizer.json", None, "No tokenizer.json"),
        ("tokenizer.json", "{}", "is not a tokenizer"),
    ],
)
def test_broken_configuration_is_refused_with_the_reason(model_dir, tmp_path, name, content, message):
    folder = Path(shutil.copytree(model_dir, tmp_path / "model"))
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)

    with pytest.raises(ModelError, match=message):
        Checkpoint.open(folder).tokenizer()


@pytest.mark.slow
def test_an_encoder_is_refused_as_a_reader(tmp_path, cache):
    folder = write_model(tmp_path, "encode")

    with pytest.raises(ModelError, match=r"no trained span head \(missing: qa_outputs.bias"):
        open_session(folder, "read", "torch-fp32", cache, 1)


def test_the_digest_changes_with_weights_and_configuration_only(model_dir, tmp_path):
    folder = Path(shutil.copytree(model_dir, tmp_path / "model"))
    before = Checkpoint.open(folder).digest
    (folder / "README.md").write_text("notes")
    with_notes = Checkpoint.open(folder).digest
    (folder / "tokenizer_config.json").write_text("{}")

    assert before == Checkpoint.open(model_dir).digest == with_notes
    assert Checkpoint.open(folder).digest != before


def test_pruning_leaves_the_exports_of_the_models_in_use(model_dir, task, tmp_path):
    used = onnx_path(Checkpoint.open(model_dir), task, "onnx-int8", tmp_path)
    unused = tmp_path / used.parent.name.replace(Checkpoint.open(model_dir).digest, "0123456789abcdef")
    by_other_libraries = tmp_path / f"{used.parent.name}-older"
    being_built, left_by_a_killed_export = tmp_path / ".building-1", tmp_path / ".building-2"
    for folder in (used.parent, unused, by_other_libraries, being_built, left_by_a_killed_export):
        folder.mkdir()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(left_by_a_killed_export, (two_days_ago, two_days_ago))

    prune_exports(tmp_path, {Checkpoint.open(model_dir).digest})

    assert sorted(tmp_path.iterdir()) == [being_built, used.parent]


def test_an_export_that_ends_while_exports_are_pruned_is_no_error(tmp_path, monkeypatch):
    names = [".building-1", "0123456789abcdef-export"]
    monkeypatch.setattr(Path, "glob", lambda folder, _pattern: iter([folder / name for name in names]))

    prune_exports(tmp_path, ())

    assert list(tmp_path.iterdir()) == []
