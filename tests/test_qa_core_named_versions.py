"""Versions of manuals that questions name."""

from __future__ import annotations

import pytest

from qa_core.named.versions import Versions, version_in, version_key
from qa_core.types import Manual


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


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("When does the Lumex Lamp 1.0 go to standby?", {"1"}),
        ("lumex  lamp 2.0: when does it switch off", {"2"}),
        ("standby of the Lumex 2.0", {"2"}),
        ("Lumex Lamp 3.0", set()),
        ("is the Lumex Lamp 2 in standby", set()),
        ("is 1.0 the brightness", set()),
        ("Lumex Lamp 1.0 bar", set()),
        ("the Lumex Lamp needs 2.0 ampere", set()),
        ("Lumex Lamp 1.05", set()),
        ("what do the HX 540 and the Nul 2.0 share", set()),
    ],
)
@pytest.mark.parametrize("versions", [("v1", "v2"), (None, None)])
def test_a_number_behind_the_name_as_in_the_title_names_its_version(
    versions: tuple[str | None, str | None], question: str, named: set[str]
) -> None:
    manuals = [
        Manual("m", "/manuals", "a.md", f"Lumex Lamp {number} user guide", "Lumex", version, None, "d")
        for number, version in zip(("1.0", "2.0"), versions, strict=True)
    ]
    found = Versions(manuals)
    assert found.named_in(question) == named
    assert [found.is_one_of(each, frozenset({"1"})) for each in manuals] == [True, False]
    assert found.lacking(question, manuals[0]) == set()


def test_a_model_s_number_that_all_titles_share_is_no_version() -> None:
    manuals = [
        Manual("m", "/manuals", "a.md", f"Nordia HX 540 {part}", "Nordia HX 540", version, None, "d")
        for part, version in (("guide", "1.0"), ("service", "2.0"))
    ]
    assert Versions(manuals).named_in("how do I reset the Nordia HX 540") == set()
    assert Versions(manuals).named_in("how do I reset the Nordia HX 540 2.0") == {"2"}


def test_models_of_one_folder_are_told_apart_by_the_number_in_their_titles() -> None:
    titles = ("Nordia Pump 540 guide", "Nordia Pump 510 guide")
    manuals = [Manual("m", "/manuals", "a.md", title, "Nordia", "3", None, "d") for title in titles]
    versions = Versions(manuals)
    assert versions.named_in("reset the Nordia pump 510") == {"510"}
    assert versions.named_in("can a Nordia Pump 510 litres") == set()
    assert [versions.is_one_of(each, frozenset({"510"})) for each in manuals] == [False, True]
    assert not any(versions.is_one_of(each, frozenset({"3"})) for each in manuals)
