"""`/manual rollback`: the release before answers again, and no question is lost over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes import write_model
from fakes_retraining import Retraining, open_retraining, report
from fakes_slack import ADMIN, ERIC, FakeAnswerer

from bot.deliveries import Lane
from bot.engines import Engines
from bot.learning.retraining import previous_release
from bot.listeners.command import HELP
from bot.views.blocks import NO_MANUALS
from qa_core.errors import IndexingError, NothingIndexedError, ReleaseError
from qa_core.releases import Candidate, Releases
from training.retraining.job_folder import JobFolder
from training.retraining.jobs import Ending, Request


@dataclass
class FakeInstallation:
    """Real releases of small files; switching needs no index."""

    releases: Releases
    prepared: list[str] = field(default_factory=list)

    def use(self, release_id: str) -> object:
        return self.releases.use(release_id, lambda release: self.prepared.append(release.id))


def shelf(home: Path) -> FakeInstallation:
    encoder, reader = (write_model(home / "models" / name, 0.5) for name in ("encoder", "reader"))
    calibration = home / "models" / "calibration.json"
    calibration.write_text("{}")
    candidate = Candidate(encoder, reader, calibration, "onnx-int8")
    releases = Releases(home, candidate, "1")
    releases.ensure_shipped()
    return FakeInstallation(releases)


def add(installation: FakeInstallation, job: int | None = None, promoted: bool = True) -> str:
    """A release, made by a job or by hand, that answers if it was promoted."""
    files = installation.releases._shipped
    figures: dict[str, Any] = {} if job is None else {"job": job, "promoted": promoted}
    release = installation.releases.add(replace(files, figures=figures))
    if promoted:
        installation.releases.use(release.id)
    return release.id


@pytest.fixture
def installation(tmp_path: Path) -> FakeInstallation:
    return shelf(tmp_path)


@pytest.fixture
def retraining(tmp_path: Path, installation: FakeInstallation) -> Iterator[Retraining]:
    with open_retraining(tmp_path, installation=installation) as opened:
        yield opened


def test_it_goes_back_and_says_from_what_to_what(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)
    installation.prepared.clear()

    retraining.command("rollback")

    assert installation.releases.current_id() == "shipped-1"
    assert installation.prepared == ["shipped-1", "shipped-1"]
    assert retraining.said() == [
        "I am switching from r1 to shipped-1, and will tell you when it answers. Until then r1 does.",
        "shipped-1 answers now, in place of r1.",
    ]


def test_a_release_that_was_refused_is_not_what_was_before(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)
    add(installation, job=7, promoted=False)
    add(installation)

    retraining.command("rollback")

    assert installation.releases.current_id() == "r1"


def test_after_a_rollback_and_a_retraining_it_goes_back_to_what_that_began_with(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    """r2 was bad and was left; r3 was made from r1, so r2 is not what answered before r3."""
    add(installation)
    add(installation)
    installation.releases.use("r1")
    job = retraining.begin(Request())
    retraining.end(Ending("failed", "-"))
    add(installation, job=job.id)
    JobFolder.of(retraining.home, job.id).path.mkdir(parents=True)
    JobFolder.of(retraining.home, job.id).write("report", report(job.id, base="r1").as_json())
    assert installation.releases.current_id() == "r3"

    retraining.command("rollback")

    assert installation.releases.current_id() == "r1"


def test_a_named_release_is_used_also_one_that_was_refused(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)
    add(installation, job=7, promoted=False)

    retraining.command("rollback r2")

    assert installation.releases.current_id() == "r2"
    assert retraining.said()[-1] == "r2 answers now, in place of r1."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rollback", "shipped-1 is the oldest release: there is none to go back to\n"),
        ("rollback r9", "There is no release 'r9'. There are: shipped-1\n"),
        ("rollback <!channel>", "There is no release '&lt;!channel&gt;'. There are: shipped-1\n"),
        ("rollback to r1", "`/manual rollback` goes back to the release before"),
        ("rollback shipped-1", "shipped-1 is the current release already."),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    retraining: Retraining, installation: FakeInstallation, text: str, said: str
) -> None:
    retraining.command(text)

    assert retraining.said()[0].startswith(said)
    assert installation.releases.current_id() == "shipped-1"


def test_only_administrators_may(retraining: Retraining, installation: FakeInstallation) -> None:
    add(installation)

    retraining.command("rollback", person=ERIC)

    assert installation.releases.current_id() == "r1"
    assert retraining.said()[0].startswith("Sorry, only administrators may ask me to switch releases.")


def test_a_delivery_that_comes_twice_goes_back_one_step(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)
    add(installation)

    retraining.command("rollback", key="k1")
    retraining.command("rollback", key="k1")

    assert installation.releases.current_id() == "r1"


def test_a_bot_that_is_killed_within_the_switch_does_it_again_and_not_one_step_further(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)
    add(installation)
    inbox = retraining.bench.services.inbox

    def killed() -> object:
        raise KeyboardInterrupt

    engines = Engines(killed, lambda: 1)  # type: ignore[arg-type]
    services = retraining.bench.services
    retraining.bench.services = replace(services, engines=engines)
    with pytest.raises(KeyboardInterrupt):
        retraining.command("rollback")
    assert installation.releases.current_id() == "r1"
    retraining.bench.services = services
    with services.store.transaction() as db:
        db.execute("UPDATE inbox SET owner = NULL, lease_until = 0")
    retraining.work()

    assert installation.releases.current_id() == "r1"
    assert retraining.said()[-1] == "r1 answers now, in place of r2."
    assert inbox.claim(Lane.CHORE) is None


def test_a_question_in_flight_is_answered_by_the_release_that_it_was_asked_of(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)
    releases = installation.releases
    engines = Engines(lambda: FakeAnswerer(release=releases.current_id() or ""), releases.current_id)
    retraining.bench.services = replace(retraining.bench.services, engines=engines)
    in_flight = engines.current()

    retraining.command("rollback")

    assert engines.current().release == "shipped-1"
    assert in_flight.release == "r1"
    assert in_flight.ask("q") is in_flight.given  # type: ignore[attr-defined]


def test_a_release_that_cannot_be_loaded_is_said(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)

    def fails() -> FakeAnswerer:
        raise IndexingError("The index is damaged")

    retraining.bench.services = replace(retraining.bench.services, engines=Engines(fails, lambda: 1))
    retraining.command("rollback")

    assert (
        "shipped-1 is the current release now, but it cannot be loaded: The index is damaged"
        in (retraining.said()[-1])
    )


def test_a_release_that_no_manuals_are_indexed_for_is_said(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    add(installation)

    def nothing() -> FakeAnswerer:
        raise NothingIndexedError("No manuals are indexed yet")

    retraining.bench.services = replace(retraining.bench.services, engines=Engines(nothing, lambda: 1))
    retraining.command("rollback")

    assert retraining.said()[-1] == f"shipped-1 is the current release now. {NO_MANUALS}"


def test_a_base_that_was_pruned_is_not_gone_back_to(
    retraining: Retraining, installation: FakeInstallation
) -> None:
    job = retraining.begin(Request())
    JobFolder.of(retraining.home, job.id).path.mkdir(parents=True)
    JobFolder.of(retraining.home, job.id).write("report", report(job.id, base="r17").as_json())
    add(installation, job=job.id)
    settings = retraining.bench.services.settings.base

    found = previous_release(settings, retraining.jobs, installation.releases)

    assert found.id == "shipped-1"
    installation.releases.use("shipped-1")
    with pytest.raises(ReleaseError, match="shipped-1 is the oldest release"):
        previous_release(settings, retraining.jobs, installation.releases)


def test_the_help_lists_both_commands(retraining: Retraining) -> None:
    retraining.command("help", person=ADMIN)

    assert retraining.said() == [HELP]
    assert "`/manual retrain`" in HELP
    assert "`/manual rollback`" in HELP
