"""Sections that say nothing themselves."""

from __future__ import annotations

import pytest

from qa_core.lead_ins import only_leads_in
from qa_core.types import Section


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("where:", True),
        ("The options can be one of:", True),
        ("Or a variation like…", True),
        ("To be told...", True),
        ("Next Previous Contents", True),
        ("Next | Back to top", True),
        ("2 years.", False),
        ("Yes.", False),
        ("Home", False),
        ("Switch it off. Then press:", False),
        ("The options are:\n- Paper\n- Felt", False),
        ("Fill the tank up to the upper mark with cold water and then add one of these two agents:", False),
        ("", False),
    ],
)
def test_one_open_sentence_or_links_alone_only_lead_in(text: str, is_one: bool) -> None:
    assert only_leads_in(Section(("Filters",), text)) is is_one
