"""Models whose names a question cuts short."""

from __future__ import annotations

import pytest

from qa_core.named.models import Models
from qa_core.named.near_models import NearModels
from qa_core.named.wording import Wording
from qa_core.types import Manual, Passage, Section


def passage(product: str, text: str, heading: str = "Use") -> Passage:
    manual = Manual(product, "/manuals", f"{product}.md", f"{product} manual", product, None, None, "d")
    return Passage(f"{product} {text}", manual, Section((heading,), text), 0, len(text))


def near_models(*passages: Passage) -> NearModels:
    wording = Wording(passages)
    return NearModels(passages, Models(passages, wording, lambda _key, _name: False), wording)


SCANNERS = passage(
    "Scanners", "Property: Reach | KX20: 2 m | KX20W: 3 m | KX40W: 4 m | KX60W: 5 m | KX60B: 5 m"
)


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("reach of the KX40", "reach of the KX40W"),
        ("the KX 40's reach", "the KX 40W's reach"),
        ("kx-40 reach", "kx-40w reach"),
        ("KX40 and KX20", "KX40W and KX20"),
        # Names that there are, or that may be of two models, or that mean something else.
        ("reach of the KX40W", "reach of the KX40W"),
        ("reach of the KX40B", "reach of the KX40B"),
        ("reach of the KX20", "reach of the KX20"),
        ("reach of the KX60", "reach of the KX60"),
        ("reach of the KX80", "reach of the KX80"),
        ("error KX40", "error KX40"),
    ],
)
def test_a_name_that_stops_short_of_one_model_is_read_as_that(question: str, read: str) -> None:
    assert near_models(SCANNERS).corrected(question) == read


def test_what_is_read_is_told() -> None:
    assert near_models(SCANNERS).read("reach of the kx40") == (("kx40", "kx40w"),)
    assert near_models(SCANNERS).read("reach of the kx20") == ()


@pytest.mark.parametrize(
    "other", [passage("Cradles", "For the KX40 alone."), passage("Cradles", "Hold it.", heading="KX-40")]
)
def test_a_name_that_another_manual_has_is_left(other: Passage) -> None:
    assert near_models(SCANNERS, other).corrected("reach of the KX40") == "reach of the KX40"
