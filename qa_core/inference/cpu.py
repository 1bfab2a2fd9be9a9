"""What the processor at hand computes."""

from __future__ import annotations

import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_X86 = ("x86_64", "amd64", "i386", "i686")


def cpu_overflows_int8(cpuinfo: Path = _CPUINFO, machine: str | None = None) -> bool:
    """Whether sums of two products of an unsigned and a signed byte are cut off at 16 bits: x86 without VNNI.

    See "Why did I see saturation in U8S8" in onnxruntime's page on quantization.
    """
    if (machine or platform.machine()).lower() not in _X86:
        return False
    return not _has_one_of(cpuinfo, "avx512_vnni", "avx_vnni", "amx_int8")


def _has_one_of(cpuinfo: Path, *names: str) -> bool:
    try:
        flags = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(name in flags for name in names)
