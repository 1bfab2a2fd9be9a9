"""Which products a question names."""

from __future__ import annotations

import pytest

from qa_core.named.products import Products, if_indexed

PRODUCTS = Products(("MODEL88", "Galaxy S9", "Quillon QX-7"))
SISTERS = Products(("Calvero Trail 5", "Calvero Trail 5 Plus", "Netvia RX-300", "Borlan Set 2", "Borlan E4"))


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("F3 on the Model 88", {"model88"}),
        ("What does the MODEL88 weigh?", {"model88"}),
        ("My Galaxy S 9 is hot", {"galaxy s9"}),
        ("Is the quillon qx7 waterproof?", {"quillon qx-7"}),
        ("Which model weighs 88 kg?", set()),
        ("Galaxy: press S, then 9", set()),
    ],
)
def test_a_model_s_number_may_stand_apart_from_its_name(question: str, named: set[str]) -> None:
    assert PRODUCTS.named_in(question) == named


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Range of the Trail 5?", {"calvero trail 5"}),
        ("Range of the trail5 plus?", {"calvero trail 5 plus"}),
        ("Range of the Calvero Trail 5?", {"calvero trail 5"}),
        ("Trail 5.5?", set()),
        ("Trail of 5 km", set()),
        ("reset the rx300", {"netvia rx-300"}),
        ("reset the RX 300", {"netvia rx-300"}),
        ("Set it to 2 degrees", set()),
        ("E4 on the display", set()),  # as likely an error as the model
    ],
)
def test_a_model_is_known_without_its_maker(question: str, named: set[str]) -> None:
    assert SISTERS.named_in(question) == named


X1, X2 = "hagelund mossi x1 robotic lawn mower", "hagelund mossi x2 robotic lawn mower"
BOLT_2 = "tavo bolt 2 hedge trimmer"
MOWERS = Products((X1, X2, "Quillnet QS-3000", BOLT_2, "tavo bolt 3 hedge trimmer"))


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("X2 blades, how do I change them", {X2}),
        ("how many hours a day for 400 m2 lawn, x1", {X1}),
        ("X1 message 14, wrong PIN", {X1}),
        ("is the X2's wire longer than the X1's", {X1, X2}),
        ("press OK 2 times", set()),
        ("is the robotic lawn mower loud", set()),
        ("4 x 2 blades", set()),
        ("what does error X2 mean", set()),
        ("X2.1?", set()),
        ("does the qs3000 have fans", {"quillnet qs-3000"}),
        ("is X2 on the QS-3000 a socket", {"quillnet qs-3000"}),
        ("bolt 2: teeth?", {BOLT_2}),
    ],
)
def test_what_tells_sisters_apart_names_them(question: str, named: set[str]) -> None:
    assert MOWERS.named_in(question) == named


MACHINES = Products(
    (
        "Bellatore Tramonto Solo",
        "Bellatore Tramonto Duo",
        "Calvero Trail 5",
        "Calvero Trail 5 Plus",
        "Galaxy S9",
        "Galaxy S9 Ultra",
        "Borlan kettle",
        "Borlan toaster",
    )
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("and on the Plus?", {"calvero trail 5 plus"}),
        ("what does the plus have", {"calvero trail 5 plus"}),
        ("press the Plus button", set()),
        ("press Plus", set()),
        ("the duo's tank", {"bellatore tramonto duo"}),
        ("can the solo program be longer", set()),
        ("where is the toaster?", set()),  # only the maker's name is shared
        ("heat of the S9", {"galaxy s9"}),
        ("heat of the s9 ultra", {"galaxy s9 ultra"}),
    ],
)
def test_a_word_names_a_sister_where_it_stands_for_a_name(question: str, named: set[str]) -> None:
    assert MACHINES.named_in(question) == named


CHARGERS = Products(
    (
        *("Fitro Charge 5", "Charge 6", "Watch 4", "Monitor 24", "Torvella Meridio 300"),
        *("Hagelund Mossi X1", "Hagelund Mossi X2"),
        *("Borlan Hue Light", "Borlan Hue Bridge", "Bellatore espresso machine"),
    )
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("can I charge 2 devices", set()),
        ("can I charge 5 devices at once", set()),
        ("watch 4 videos", set()),
        ("Watch 4 videos", set()),
        ("how long to charge 6 batteries?", set()),
        ("does it monitor 24 hours", set()),
        ("is the watch 4 m waterproof", set()),
        ("can it charge 6 of 12 batteries", set()),
        ("How long does a Charge 6 last?", {"charge 6"}),
        ("reset the charge 5", {"fitro charge 5"}),
        ("is there a lamp on my watch 4", {"watch 4"}),
        ("the Watch 4 straps", {"watch 4"}),
        ("charge 6: range", {"charge 6"}),
        ("clean meridio 300", {"torvella meridio 300"}),
        ("rinse Meridio 300 S with water", {"torvella meridio 300"}),
        ("zoom x2", set()),
        ("2 x 2 plugs, 1920 x 1", set()),
        ("blades of the x2", {"hagelund mossi x2"}),
        ("mossi x2 blades", {"hagelund mossi x2"}),
        ("clean the light on the espresso?", set()),
        ("can I clean the Light", {"borlan hue light"}),
        ("what is the light?", {"borlan hue light"}),
        ("is there a light?", set()),
    ],
)
def test_ordinary_words_and_numbers_name_no_product(question: str, named: set[str]) -> None:
    assert CHARGERS.named_in(question) == named


MAKERS = Products(["Alphon M1", "betrix mixer m2", "Coffee Machine", "Sorvik A1", "Sorvik A2"])


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("How hot may liquids be in the Betrix?", {"betrix mixer m2"}),
        ("What does E-6 mean on my Alphon?", {"alphon m1"}),
        ("how hot is the coffee?", set()),
        ("reset the alphon", set()),
        ("reset the Sorvik", set()),
        ("the Alphon button", set()),
    ],
)
def test_a_maker_names_its_one_product_where_it_is_written_as_a_name(question: str, named: set[str]) -> None:
    assert MAKERS.named_in(question) == named


@pytest.mark.parametrize(
    ("product", "found"),
    [("Galaxy S9", "Galaxy S9"), ("galaxy  s9", "galaxy  s9"), ("Galaxy S8", None), (None, None)],
)
def test_a_product_is_asked_in_any_spelling_while_it_has_manuals(
    product: str | None, found: str | None
) -> None:
    assert if_indexed(product, PRODUCTS.names) == found
