"""What makes training fast on the machine at hand."""

from __future__ import annotations

import ctypes
import sys
import time
from functools import cache

import torch
from torch.nn import functional

_N_ROUNDS = 12
_CLEAR = 2.0  # so many times faster is measured often enough: emulated bfloat16 takes half a second a product


def best_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def keep_freed_memory() -> None:
    """Tell glibc to keep freed memory: without it every large activation is paged in anew (2x slower).

    See mallopt(3): M_MMAP_MAX is -4, M_TRIM_THRESHOLD -1, M_TOP_PAD -2.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another libc: only slower
        return
    for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 256 * 2**20)):
        mallopt(option, value)


@cache
def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the GPU has it; on a CPU whichever of float32 and bfloat16 multiplies faster there.

    Measured once a process: a retraining trains two models.
    """
    if device.type == "cuda":
        has_it = torch.cuda.is_bf16_supported(including_emulation=False)  # older than Ampere: emulated, slow
        return torch.bfloat16 if has_it else torch.float32
    dtypes = (torch.float32, torch.bfloat16)
    for dtype in dtypes:
        _product_s(dtype, n_rows=16)  # starts the threads and loads the kernels
    best_s = dict.fromkeys(dtypes, float("inf"))
    for _ in range(_N_ROUNDS):  # interleaved: a busy machine is as unfair to one as to the other
        for dtype in dtypes:
            best_s[dtype] = min(best_s[dtype], _product_s(dtype, n_rows=2048))
        if max(best_s.values()) > _CLEAR * min(best_s.values()):
            break
    return min(best_s, key=lambda dtype: best_s[dtype])


def _product_s(dtype: torch.dtype, n_rows: int) -> float:
    """How long a product as large as a model's takes."""
    left, right = torch.ones(n_rows, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
    started = time.perf_counter()
    functional.linear(left, right)
    return time.perf_counter() - started
