"""What makes training fast on the machine at hand."""

from __future__ import annotations

import ctypes
import sys
import time

import torch
from torch.nn import functional

_N_ROUNDS = 12


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


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on CUDA; on a CPU whichever of float32 and bfloat16 multiplies faster there."""
    if device.type == "cuda":
        return torch.bfloat16
    products = {
        dtype: (torch.ones(2048, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype))
        for dtype in (torch.float32, torch.bfloat16)
    }
    best_s = dict.fromkeys(products, float("inf"))
    for _ in range(_N_ROUNDS):  # interleaved: a busy machine is as unfair to one as to the other
        for dtype, (left, right) in products.items():
            started = time.perf_counter()
            functional.linear(left, right)
            best_s[dtype] = min(best_s[dtype], time.perf_counter() - started)
    return min(best_s, key=lambda dtype: best_s[dtype])
