"""What names a product in any case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_core.named.aliases import Aliases
from qa_core.named.wording import Wording
from qa_core.types import Manual, Passage, Section


def passage(product: str, text: str, title: str = "Manual") -> Passage:
    manual = Manual(product, "/manuals", f"{product}.md", title, product, None, None, "d")
    return Passage(product, manual, Section(("Use",), text), 0, len(text))


def aliases(*passages: Passage) -> Aliases:
    return Aliases(passages, Wording(passages))


FEW = aliases(
    passage("Velora VX", "Hang the Velora on its bracket.", "VX-3000/VX-5000 series"),
    passage("Home Charge 6", "Put the charger in your home."),
    passage("Trail Q7", "Steep ways are no problem."),
    passage("Ofenta bt4", "The oven is loud.", "Ofenta bt4"),
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("what torque velora", {"velora vx": {"velora"}}),
        ("noise of the vx5000", {"velora vx": {"vx5000", "vx", "5000"}}),
        ("range of BT4", {"ofenta bt4": {"bt4", "bt", "4"}}),
        ("code 51 on the q7", {"trail q7": {"q7", "q", "7"}}),
        ("error q7", {}),
        ("an error on q7", {"trail q7": {"q7", "q", "7"}}),
        ("how do I charge it at home", {}),
        ("the trail is steep", {}),  # nothing tells that it is a name
    ],
)
def test_a_trade_name_or_a_model_names_its_product(question: str, named: dict[str, set[str]]) -> None:
    found = FEW.named_in(question)
    assert found.keys() == named.keys()
    assert all(found[key] <= tokens | {key.split()[0]} for key, tokens in named.items())


def test_a_code_that_another_product_s_manual_has_is_no_name() -> None:
    own = aliases(passage("Ofenta E44", "Bake."), passage("Velora", "E44: the pump is dry."))
    assert own.named_in("what is E44") == {}


def test_a_word_that_two_products_have_names_none() -> None:
    own = aliases(passage("Velora A", "The Velora A."), passage("Velora B", "The Velora B."))
    assert own.named_in("velora") == {}


def test_among_many_products_a_word_that_no_manual_has_in_small_letters_is_a_name() -> None:
    many = [
        passage(f"{word} lamp", "Switch it on.")
        for word in ("Anvor", "Belto", "Ceda", "Dorim", "Elga", "Fimo")
    ]
    assert aliases(*many).named_in("power of the anvor").keys() == {"anvor lamp"}
    assert aliases(*many[:2]).named_in("power of the anvor") == {}


MORE = tuple(passage(word, "Hang it on a door.") for word in ("Ceda", "Dorim", "Elga", "Fimo", "Gero"))
MANY = aliases(
    passage("Lumo 40", "Load the kiln and shut its door.", "Lumo 40 kiln: owner's guide"),
    passage("Anvor", "Wipe the lamp.", "Anvor desk lamp"),
    passage("Belto", "The desk may be wet.", "Belto fountain"),
    *(passage(word, "Hang it on a door.") for word in ("Ceda", "Dorim", "Elga")),
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("E4 on the kiln", ["lumo 40"]),
        ("is the lamp hot", ["anvor"]),
        ("the lamp above my kiln", ["anvor", "lumo 40"]),
        ("on a desk", []),  # another manual speaks of desks
        ("the door squeaks", []),  # in no title
        ("is the fountain loud", ["belto"]),  # in the title alone
        ("what does the owner pay", []),  # what a manual is
    ],
)
def test_among_many_products_a_word_of_one_manual_alone_tells_it(question: str, named: list[str]) -> None:
    assert sorted(MANY.named_in(question)) == named


def test_a_word_of_a_title_is_but_a_name_where_no_heading_has_it() -> None:
    kiln = passage("Lumo", "Load it.", "Lumo kiln")
    headed = replace(kiln, section=Section(("Lumo kiln", "Loading the kiln"), "Load it."))
    named = [aliases(each, *MORE).named_in("is the kiln hot") for each in (kiln, headed)]
    assert named == [{"lumo": {"kiln"}}, {"lumo": frozenset()}]


def test_the_title_of_one_article_of_many_tells_no_product() -> None:
    articles = [
        replace(passage("Ledgo", text), manual=replace(passage("Ledgo", "").manual, id=title, title=title))
        for title, text in (("Ledgo cloud: backup", "Copy it."), ("Ledgo cloud: users", "Add some."))
    ]
    faults = passage("Fimo", "See below.", "Fimo failures")
    own = aliases(*articles, faults, *(passage(word, "Wait.") for word in ("Ceda", "Dorim", "Elga", "Anvor")))
    questions = ("how do I make a backup", "failure at noon", "size of the cloud")
    assert [sorted(own.named_in(each)) for each in questions] == [[], [], ["ledgo"]]


def test_the_models_of_all_titles_of_a_product_are_told() -> None:
    assert FEW.models(["velora vx", "trail q7"]) == {"vx3000", "vx5000", "vx", "3000", "5000"}


def test_where_there_is_one_product_alone_nothing_needs_a_name() -> None:
    assert aliases(passage("Velora VX", "Hang the Velora on its bracket.")).named_in("velora bracket") == {}
