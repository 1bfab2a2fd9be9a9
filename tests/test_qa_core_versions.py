"""Versions of manuals that questions name."""

from __future__ import annotations

import pytest

from qa_core.types import Manual
from qa_core.versions import Versions, version_in, version_key


def manual(product: str, version: str | None) -> Manual:
    return Manual("m", "/manuals", "a.md", product, product, version, None, "d")


MANUALS = (
    manual("Netvia", "1.4"),
    manual("Netvia", "Rev. B"),
    manual("Netvia", "v2.0"),
    manual("Kettle", "3"),
)


@pytest.mark.parametrize("written", ["v2", "V2.0", "Version 2", "2", "ver. 2", "rev 2.0.0"])
def test_spellings_of_a_version_share_a_key(written: str) -> None:
    assert version_key(written) == "2"


def test_a_version_is_the_whole_of_it() -> None:
    assert [version_key(each) for each in ("10", "2.10", "2024-05", "server 2", None)] == [
        "10",
        "2.10",
        "2024-05",
        "server 2",
        "",
    ]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("port rules v2?", {"2"}),
        ("reset the router, version 1.4", {"1.4"}),
        ("is rev. B the same as v1.4", {"b", "1.4"}),
        ("reset v7", set()),
        ("descale version 3", set()),
        ("does it take 2 minutes", set()),
        ("v2.5 or v20", set()),
        ("how do I turn the version b plate", set()),
    ],
)
def test_versions_of_products_that_have_several_are_named(question: str, named: set[str]) -> None:
    assert Versions(MANUALS).named_in(question) == named


def test_only_the_manual_of_the_named_version_is_meant() -> None:
    versions = Versions(MANUALS)
    assert [versions.is_one_of(each, frozenset({"2"})) for each in MANUALS] == [False, False, True, False]
    assert not any(versions.is_one_of(each, frozenset({"1.4", "b", "2"})) for each in MANUALS)
    assert not any(versions.is_one_of(each, frozenset()) for each in MANUALS)


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("firmware v9?", {"9"}),
        ("v9 or v2", set()),
        ("version 1.4", set()),
        ("rules", set()),
        ("Rev. C", {"c"}),
        ("issue 3.1", {"3.1"}),
        ("how do I release a stuck cartridge", set()),
        ("release 4 clips", set()),
        ("an issue I cannot solve", set()),
        ("which version I have", set()),
        ("the version a neighbour has", set()),
        ("is 12 V 3 A enough", set()),
    ],
)
def test_versions_that_a_product_of_several_does_not_have_are_lacking(
    question: str, lacking: set[str]
) -> None:
    versions = Versions(MANUALS)
    assert versions.lacking(question, MANUALS[0]) == lacking
    assert versions.lacking(question, MANUALS[3]) == set()  # of one version


def test_the_version_that_a_text_names_is_found_as_it_is_written() -> None:
    texts = ("and for v9?", "and rev. B", "release a cartridge", "12 V 3 A")
    assert [version_in(each) for each in texts] == ["v9", "rev. B", None, None]
