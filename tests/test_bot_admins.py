"""Who is told of what concerns administrators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes_slack import Bench, open_bench

from bot.admins import administrators


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bot whose settings name no administrators."""
    with open_bench(tmp_path) as opened:
        settings = replace(opened.services.settings, admins=())
        opened.services = replace(opened.services, settings=settings)
        yield opened


def page(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """One of many: four members, of whom two are administrators."""
    number = int(arguments["cursor"] or 0)
    members = [{"id": f"U{4 * number + i}", "is_admin": i % 2 == 0} for i in range(4)]
    return {"members": members, "response_metadata": {"next_cursor": str(number + 1)}}


def test_no_more_of_the_workspace_is_looked_at_than_is_needed(bench: Bench) -> None:
    bench.slack.answers["users_list"] = page

    assert administrators(bench.services) == tuple(f"U{2 * i}" for i in range(10))
    assert [call["cursor"] for call in bench.slack.of("users_list")] == [None, "1", "2", "3", "4"]


def test_a_workspace_with_few_administrators_is_looked_at_to_its_end(bench: Bench) -> None:
    bench.slack.answers["users_list"] = lambda arguments: page(arguments) if not arguments["cursor"] else {}

    assert administrators(bench.services) == ("U0", "U2")
    assert len(bench.slack.of("users_list")) == 2
