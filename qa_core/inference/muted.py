"""Model libraries without their progress bars and warnings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

LOGGERS = ("root", "torch.onnx", "transformers", "onnxscript")


@contextmanager
def muted_libraries() -> Iterator[None]:
    """Loading, exporting and quantising print progress bars, and warnings nobody here can act on."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415 - slow

    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    muted = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in muted]
    try:
        for logger in muted:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(muted, levels, strict=True):
            logger.setLevel(level)
        if bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
