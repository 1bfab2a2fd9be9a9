"""What a processor computes, from what Linux says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_core.inference.cpu import cpu_overflows_int8


def cpuinfo(folder: Path, flags: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(f"flags : {flags}")
    return path


@pytest.mark.parametrize(
    ("flags", "machine", "overflows"),
    [
        ("avx2", "x86_64", True),
        ("avx2", "AMD64", True),
        ("avx2 avx512_vnni", "x86_64", False),
        ("avx2 avx_vnni", "x86_64", False),
        ("asimddp", "aarch64", False),
    ],
)
def test_int8_overflows_on_x86_without_vnni(
    tmp_path: Path, flags: str, machine: str, overflows: bool
) -> None:
    assert cpu_overflows_int8(cpuinfo(tmp_path, flags), machine) is overflows
