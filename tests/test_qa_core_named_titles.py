"""Which manuals of a product a question names by their titles."""

from __future__ import annotations

import pytest

from qa_core.named.titles import Titles
from qa_core.named.wording import Wording
from qa_core.types import Manual, Passage, Section


def manual(file: str, title: str) -> Manual:
    return Manual(file, "/manuals", f"lamps/{file}.md", title, "Lamps", None, None, "d")


def passages(own: Manual, *texts: tuple[str, str]) -> list[Passage]:
    return [
        Passage(f"{own.id}{i}", own, Section((own.title, heading), text), 0, len(text))
        for i, (heading, text) in enumerate(texts)
    ]


def titles(*found: list[Passage]) -> Titles:
    every = [passage for own in found for passage in own]
    return Titles(every, Wording(every))


ALIKE = (("Bulb", "Turn the shade."), ("Data", "Power: 9 W"))
LAMPS = titles(
    passages(manual("aurora-guide", "Aurora desk lamp"), *ALIKE),
    passages(manual("borealis-guide", "Borealis desk lamp"), *ALIKE),
    passages(manual("quill", "Desk lamp QL-20"), *ALIKE),
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("which bulb does the borealis need", {"borealis-guide": {"boreali"}}),
        (
            "Is the Aurora brighter than the Borealis?",
            {"aurora-guide": {"aurora"}, "borealis-guide": {"boreali"}},
        ),
        ("power of the ql20", {"quill": {"ql20"}}),
        ("power of the desk lamp", {}),
        ("is 20 W right", {}),
    ],
)
def test_what_one_title_of_manuals_alike_has_alone_names_it(
    question: str, named: dict[str, set[str]]
) -> None:
    assert LAMPS.named_in(question) == named


def test_the_manual_that_most_words_name_is_meant() -> None:
    lamps = titles(
        passages(manual("a", "Aurora Tall"), *ALIKE),
        passages(manual("b", "Aurora Broad"), *ALIKE),
        *(passages(manual(f"c{i}", f"Lamp {i}"), *ALIKE) for i in range(6)),
    )
    assert lamps.named_in("the aurora").keys() == {"a", "b"}
    assert lamps.named_in("the aurora broad").keys() == {"b"}


def test_chapters_are_not_named_by_their_subjects() -> None:
    chapters = titles(
        passages(manual("charging", "Charging"), ("Time", "Two hours.")),
        passages(manual("cleaning", "Cleaning"), ("Brush", "Use a brush.")),
    )
    assert chapters.named_in("how long does charging take") == {}


def test_a_word_that_a_sister_s_text_has_in_small_letters_is_no_name() -> None:
    lamps = titles(
        passages(manual("a", "Clamp lamp"), *ALIKE),
        passages(manual("b", "Floor lamp"), *ALIKE, ("Place", "Put a clamp around it.")),
    )
    assert lamps.named_in("where do I put the clamp") == {}
    assert lamps.named_in("bulb of the floor lamp").keys() == {"b"}
