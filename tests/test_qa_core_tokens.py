"""Words as keyword search sees them, whoever else is searching."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from qa_core import tokens
from qa_core.tokens import tokenize

ENDINGS = ("e", "es", "ed", "ing", "ation", "ations", "er", "ers", "able", "ably", "ive", "ively")
WORDS = [f"{stem}{ending}" for stem in ("descal", "connect", "generat", "organiz") for ending in ENDINGS]


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Threads that take turns far more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_switches")
def test_threads_that_ask_at_once_get_the_stems_that_one_gets_alone() -> None:
    alone = [tokenize(word) for word in WORDS]

    def stem_all(_: int) -> list[list[str]]:
        tokens._word_tokens.cache_clear()
        return [tokenize(word) for word in WORDS]

    with ThreadPoolExecutor(4) as pool:
        assert all(each == alone for each in pool.map(stem_all, range(40)))
