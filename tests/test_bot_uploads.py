"""A file that an administrator sends: asked about, fetched, kept, and indexed or given back."""

import errno
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest.mock import Mock

import pytest
from fakes import FakeEncoder, FakeParser, fake_tools
from fakes_bot import answer
from fakes_slack import ADMIN, ERIC, button_body, open_bench, submission_body
from slack_limits import check_message, check_view, texts

from bot.actions import ACTION_FILE, VIEW_FILE
from bot.app import TABLE
from bot.deliveries import Delivery, Lane
from bot.engines import Engines
from bot.listeners.files import handle_describe, handle_description, handle_manual_file, tell_fate
from bot.settings import SlackSettings
from bot.uploads import UploadError, Uploads, is_of_slack, safe_name
from bot.views.file import Described, SentFile, file_modal, question_message, read_description
from bot.workers import Workers
from qa_core.documents import read_document
from qa_core.indexing.discovery import discover
from qa_core.indexing.library import Library
from qa_core.indexing.sources import load_catalog

SERVED = "# Guide\n\nPress OK."
BODIES = {"/page": b"<html>Sign in", "/broken": b"BROKEN", "/half": b"x" * 500, "/chunks": b"20\r\npart"}


@pytest.fixture
def bench(tmp_path):
    """A bot whose library holds one manual, in a folder of its own."""
    with open_bench(tmp_path / "home") as opened:
        settings = opened.services.settings
        tools = replace(fake_tools(FakeParser()), discover=discover)
        library = Library(settings.base.home, opened.services.store, FakeEncoder(), tools)
        (tmp_path / "manuals").mkdir()
        (tmp_path / "manuals" / "lamp.md").write_text("Press the switch.")
        library.add([tmp_path / "manuals"])
        opened.services = replace(opened.services, open_library=lambda: library)
        yield opened


@pytest.fixture
def uploads(tmp_path):
    return tmp_path / "home" / "uploads"


def told(bench):
    """The text of the last thing that was posted."""
    call = bench.slack.of("chat_postMessage")[-1]
    check_message({"text": call["text"], "blocks": call["blocks"]})
    return "\n".join(texts(call["blocks"]))


def indexed(bench):
    """The texts that answers are found in."""
    return bench.services.open_library().open_index().texts


def sends(bench, url, name="guide.md"):
    """An administrator's file, as Slack describes it."""
    bench.slack.answers["files_info"] = {"file": {"id": "F1", "name": name, "url_private": url}}


SENT = SentFile("F1", "guide.md", "D1", "1.2")


def sent_body(person):
    event = {
        "type": "message",
        "channel": "D1",
        "ts": "1.2",
        "user": person,
        "files": [{"id": "F1", "name": "guide.md"}],
    }
    return {"event": event}


@pytest.mark.parametrize("name", ["\U0001f600" * 240 + ".pdf", "*x*<!channel>.md", "\u8aac\u660e\u66f8.pdf"])
def test_a_file_may_have_any_name(name):
    sent = SentFile("F0123456789", name, "D0123456789", "1795795965.000042")
    message = question_message(sent)
    check_message(message.arguments())
    assert SentFile.read(message.blocks[1]["elements"][0]["value"]) == sent
    assert message.text.startswith("For which product is *")
    assert message.text.endswith("*?")
    inside = message.text.removeprefix("For which product is *").removesuffix("*?")
    assert "\u200b*\u200b" in inside if "*" in name else "*" not in inside


def test_a_file_from_an_administrator_is_asked_about(bench):
    handle_manual_file(bench.services, bench.task(sent_body(ADMIN)))
    asked = bench.slack.one("chat_postMessage")
    assert (asked["channel"], asked["thread_ts"], asked["text"]) == (
        "D1",
        "1.2",
        "For which product is *guide.md*?",
    )
    button = asked["blocks"][1]["elements"][0]
    assert SentFile.read(button["value"]) == SENT

    bench.services.engines.look()
    handle_describe(bench.services, bench.task(button_body(ACTION_FILE, button["value"], ADMIN)))
    check_view(bench.slack.one("views_open")["view"])
    assert bench.slack.one("views_open")["view"] == file_modal(SENT, ("Meridio 300",))


def test_a_file_can_be_described_while_the_models_are_loaded(bench):
    loading = Engines(lambda: pytest.fail("waits for the models"), lambda: 1)
    bench.services = replace(bench.services, engines=loading)

    handle_describe(bench.services, bench.task(button_body(ACTION_FILE, SENT.as_json(), ADMIN)))

    assert bench.slack.one("views_open")["view"] == file_modal(SENT, ())


def test_a_file_from_somebody_else_is_refused(bench):
    handle_manual_file(bench.services, bench.task(sent_body(ERIC)))
    assert bench.slack.one("chat_postMessage")["text"].startswith(
        "Sorry, only administrators may ask me to add"
    )
    handle_describe(bench.services, bench.task(button_body(ACTION_FILE, SENT.as_json(), ERIC)))
    assert bench.slack.of("views_open") == []


def described(product, version=None):
    values = {"product": {"value": product}, "version": {"value": version}}
    return submission_body(file_modal(SENT, ()), values, ADMIN)


@pytest.mark.parametrize(
    ("product", "version", "read"),
    [
        (" Meridio  300 ", None, Described("Meridio 300", None)),
        ("Meridio", "v2.1", Described("Meridio", "2.1")),
        ("Meridio", "Version 3b", Described("Meridio", "3b")),
    ],
)
def test_product_and_version_are_read(product, version, read):
    assert read_description(described(product, version)["view"]) == read


@pytest.mark.parametrize(
    ("product", "version", "block"), [("…", None, "product"), ("M", "spring", "version")]
)
def test_a_description_that_cannot_be_used_is_given_back(product, version, block):
    assert list(read_description(described(product, version)["view"])["errors"]) == [block]


class FileServer(BaseHTTPRequestHandler):
    """Serves a guide, or what its path says: a page, a redirect, a broken manual, a part of one."""

    def do_GET(self):
        body = BODIES.get(self.path, SERVED.encode())
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "http://localhost:9/x")
        if self.path == "/half":
            self.send_header("Content-Length", "1000")
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "text/plain")
        self.end_headers()
        self.wfile.write(body if self.headers["Authorization"] == "Bearer xoxb-1" else b"no")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), FileServer) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def add(bench, body):
    handle_description(bench.services, bench.task(body, lane=Lane.CHORE))
    tell_fate(bench.services, bench.services.inbox.claim(Lane.QUICK))
    return told(bench)


def keep(place, text):
    """A manual that was uploaded earlier."""
    place.parent.mkdir(parents=True)
    place.write_text(text)


def test_a_manual_is_fetched_kept_below_its_product_and_indexed(bench, server, uploads):
    sends(bench, f"{server}/f", "../guide.md")
    assert add(bench, described("Meridio 300", "2.1")).startswith("*guide.md* is added.")
    assert (
        bench.slack.of("chat_postMessage")[0]["text"]
        == "I am reading *guide.md*, and tell you when I know it."
    )
    kept = uploads / "Meridio 300" / "v2.1" / "guide.md"
    assert kept.read_text() == SERVED
    assert indexed(bench) == ["# Guide", "Press OK.", "Press the switch."]


def test_of_manuals_with_one_name_the_one_that_came_is_told(bench, server, uploads):
    passage = answer().hits[0].passage
    bench.engine.passages = tuple(
        replace(
            passage,
            manual=replace(passage.manual, source=str(uploads), path=f"M/v{n}/guide.md", version=str(n)),
        )
        for n in (1, 2, 2)
    )
    sends(bench, f"{server}/f")
    title = "*guide.md* is added: Meridio 300, version 2, 2 passages. Ask me about it."
    assert add(bench, described("M", "2")).startswith(title)


def test_what_the_form_says_counts_more_than_what_the_file_says_also_when_it_is_read_again(
    bench, server, uploads, monkeypatch
):
    body = b"---\nproduct: Folio\nversion: 9\ntitle: Folio guide\n---\n# Folio guide\n\nPress OK.\n"
    monkeypatch.setitem(BODIES, "/f", body)
    sends(bench, f"{server}/f")
    add(bench, described("Meridio 300/A", "2.1"))
    place = uploads / "Meridio 300-A" / "v2.1" / "guide.md"

    read = [read_document(place, uploads).manual for _ in range(2)]

    assert [(manual.product, manual.version) for manual in read] == [("Meridio 300/A", "2.1")] * 2


def test_without_a_version_in_the_form_the_file_names_its_own(bench, server, uploads, monkeypatch):
    monkeypatch.setitem(BODIES, "/f", b"---\nproduct: Folio\nversion: 9\n---\n# Guide\n\nPress OK.\n")
    sends(bench, f"{server}/f")
    add(bench, described("Meridio"))

    manual = read_document(uploads / "Meridio" / "guide.md", uploads).manual

    assert (manual.product, manual.version) == ("Meridio", "9")


def test_a_file_that_steps_aside_takes_with_it_what_was_said_of_it(tmp_path):
    uploads, sent = Uploads(tmp_path / "uploads"), tmp_path / "sent"
    sent.write_text("The old one.")
    place = uploads.keep(sent, "guide.md", Described("A/B", None))
    uploads.accept(place)
    sent.write_text("The new one.")
    assert uploads.keep(sent, "guide.md", Described("A-B", None)) == place
    assert read_document(place, uploads.folder).manual.product == "A-B"

    assert uploads.discard(place)

    assert read_document(place, uploads.folder).manual.product == "A/B"
    assert len(list(place.parent.iterdir())) == 2


@pytest.mark.parametrize("said", ["file_deleted", "file_not_found", {"file": {"mode": "tombstone"}}])
def test_a_file_that_was_deleted_meanwhile_is_told_as_one(bench, said):
    bench.slack.answers["files_info"] = said
    expected = "I could not add *guide.md*: The file was deleted in Slack. Send it again"
    assert add(bench, described("Meridio")) == expected


def test_a_form_outlasts_a_slack_that_says_nothing_of_the_file_just_now(bench, server):
    bench.slack.answers["files_info"] = "internal_error"
    workers = Workers(bench.services, TABLE.handlers)
    body = described("Meridio 300")
    bench.services.inbox.record(Delivery("k", f"view:{VIEW_FILE}", Lane.CHORE, body, person=ADMIN))
    workers.do(bench.services.inbox.claim(Lane.CHORE))
    sends(bench, f"{server}/f")
    with bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET not_before = 0")
    workers.do(bench.services.inbox.claim(Lane.CHORE))
    workers.do(bench.services.inbox.claim(Lane.QUICK))
    assert told(bench).startswith("*guide.md* is added.")
    assert "Sorry" not in str(bench.slack.calls)


def test_a_file_that_is_no_manual_is_reported_and_not_kept(bench, server, uploads):
    sends(bench, f"{server}/broken")
    assert add(bench, described("Meridio")) == "I cannot read *guide.md*: broken. I have not kept it."
    assert list(uploads.iterdir()) == []


@pytest.mark.parametrize("name", ["guide.zip", "guide.csv", "guide.log"])
def test_a_file_with_the_ending_of_no_manual_is_not_added(bench, server, uploads, name):
    sends(bench, f"{server}/f", name)
    assert add(bench, described("Meridio")) == (
        f"I cannot read *{name}*: it is not among the files that I index. "
        "Manuals are PDF, DOCX, HTML, Markdown or text files. I have not kept it."
    )
    assert list(uploads.iterdir()) == []


@pytest.mark.parametrize("home", ["x/../home", "link"])
def test_a_file_that_failed_is_known_by_whichever_name_the_home_has(bench, server, uploads, tmp_path, home):
    keep(uploads / "Kettle" / "kettle.md", "Boil water.")
    bench.services.open_library().add([uploads])
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    settings = bench.services.settings
    settings = replace(settings, base=replace(settings.base, home=tmp_path / home))
    bench.services = replace(bench.services, settings=settings)
    sends(bench, f"{server}/broken")
    assert add(bench, described("Meridio")) == "I cannot read *guide.md*: broken. I have not kept it."


def test_a_copy_is_not_kept_and_costs_no_manual_that_it_was_to_replace(bench, server, uploads):
    place = uploads / "Meridio" / "guide.md"
    keep(place, "Press Cancel.")
    keep(uploads / "Quill" / "guide.md", SERVED)
    bench.services.open_library().add([uploads])
    before = indexed(bench)
    sends(bench, f"{server}/f")
    assert add(bench, described("Meridio")) == (
        f"I cannot read *guide.md*: it is a copy of {uploads}/Quill/guide.md, which I have already. "
        "I have not kept it."
    )
    assert place.read_text() == "Press Cancel."
    assert indexed(bench) == before
    assert "Press Cancel." in before


def test_a_broken_file_does_not_cost_the_manual_that_it_was_to_replace(bench, server, uploads):
    place = uploads / "Meridio" / "guide.md"
    keep(place, "The old one.")
    bench.services.open_library().remove(load_catalog(bench.services.store).sources[0].path)
    sends(bench, f"{server}/broken")
    assert "I cannot read *guide.md*: Nothing could be indexed" in add(bench, described("Meridio"))
    assert [path.name for path in place.parent.iterdir()] == ["guide.md"]
    assert place.read_text() == "The old one."


class Killed(BaseException):
    pass


def test_an_upload_that_was_killed_does_not_cost_the_manual_that_it_was_to_replace(
    bench, server, uploads, monkeypatch
):
    place = uploads / "Meridio" / "guide.md"
    keep(place, "The old one.")
    library = bench.services.open_library()
    library.add([uploads])
    sends(bench, f"{server}/broken")
    with monkeypatch.context() as patched:
        patched.setattr(library, "add", Mock(side_effect=Killed))
        with pytest.raises(Killed):
            add(bench, described("Meridio"))
    assert "I cannot read *guide.md*: broken" in add(bench, described("Meridio"))
    assert [path.name for path in place.parent.iterdir()] == ["guide.md"]
    assert place.read_text() == "The old one."
    assert "The old one." in indexed(bench)


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/half", "the connection ended after 500 of 1000 bytes"), ("/chunks", "IncompleteRead(0 bytes read)")],
)
def test_half_a_file_is_not_taken_for_the_whole(bench, server, uploads, path, reason):
    sends(bench, f"{server}{path}")
    told = add(bench, described("Meridio"))
    assert f"I could not add *guide.md*: The file cannot be fetched from Slack ({reason}" in told
    assert told.endswith("Send it again")
    assert list(uploads.iterdir()) == []


def test_a_file_that_cannot_be_put_in_its_place_leaves_nothing(bench, server, uploads):
    keep(uploads / "Meridio", "no folder")
    sends(bench, f"{server}/f")
    assert add(bench, described("Meridio")) == (
        f"I could not add *guide.md*: {uploads}/Meridio/guide.md cannot be written (File exists). "
        "Check the folder, then send the file again"
    )
    assert [path.name for path in uploads.iterdir()] == ["Meridio"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a device that is always full")
def test_a_disk_that_is_full_while_a_file_is_fetched_is_no_fault_of_slacks(
    bench, server, uploads, monkeypatch
):
    def on_a_full_disk(**_: object) -> tuple[int, str]:
        begun = uploads / ".upload-1"
        begun.touch()
        return os.open("/dev/full", os.O_WRONLY), str(begun)

    monkeypatch.setattr("bot.uploads.tempfile.mkstemp", on_a_full_disk)
    sends(bench, f"{server}/f")
    assert add(bench, described("Meridio")) == (
        f"I could not add *guide.md*: {uploads} cannot be written (No space left on device). "
        "Free some disk space, then send the file again"
    )
    assert list(uploads.iterdir()) == []


def test_a_folder_that_takes_no_file_is_no_fault_of_slacks(bench, server, uploads, monkeypatch):
    refused = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr("bot.uploads.tempfile.mkstemp", Mock(side_effect=refused))
    sends(bench, f"{server}/f")
    assert add(bench, described("Meridio")) == (
        f"I could not add *guide.md*: {uploads} cannot be written (Permission denied). "
        "Check the folder, then send the file again"
    )


def test_long_names_of_characters_that_take_several_bytes_are_kept(bench, server, uploads):
    for _ in range(2):  # the second takes the place of the first
        sends(bench, f"{server}/f", "明" * 100 + ".md")
        assert " is added." in add(bench, described("说" * 100))
    assert [path.name for path in uploads.iterdir()] == ["说" * 66]
    kept = {path.name for path in (uploads / ("说" * 66)).iterdir()}
    assert kept == {"明" * 65 + ".md", "_" + "明" * 65 + ".md.about.json"}


def test_a_sign_in_page_is_no_manual(bench, server):
    sends(bench, f"{server}/page", "guide.pdf")
    assert "Slack shows a sign-in page: the token needs the scope files:read" in add(
        bench, described("Meridio")
    )
    assert indexed(bench) == ["Press the switch."]


@pytest.mark.parametrize(
    "url", ["https://evil.example/f", "", "https://slack.com.evil.example/f", "file:///etc/passwd"]
)
def test_the_token_goes_to_slack_only(tmp_path, url):
    settings = SlackSettings(bot_token="xoxb-1")
    assert not is_of_slack(url, settings)
    with pytest.raises(UploadError, match="is not Slack"):
        Uploads(tmp_path).fetch({"url_private": url}, settings)


def test_slacks_addresses_are_slacks():
    settings = SlackSettings(api_url="http://127.0.0.1:8080/api/")
    assert is_of_slack("https://files.slack.com/files-pri/T1-F1/guide.pdf", settings)
    assert is_of_slack("http://127.0.0.1:8081/files/F1", settings)
    assert not is_of_slack("http://files.slack.com/guide.pdf", settings)


def test_a_redirect_away_from_slack_is_not_followed(tmp_path, server):
    settings = SlackSettings(bot_token="xoxb-1", api_url=f"{server}/api/")
    with pytest.raises(UploadError, match="redirected to localhost:9"):
        Uploads(tmp_path).fetch({"url_private": f"{server}/away"}, settings)


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(tmp_path, server):
    settings = SlackSettings(bot_token="xoxb-1", api_url=f"{server}/api/")
    settings = replace(settings, base=replace(settings.base, max_file_mb=0))
    with pytest.raises(UploadError, match="larger than 0 MB"):
        Uploads(tmp_path).fetch({"url_private": f"{server}/f"}, settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Guide 2.1 (EN).pdf", "Guide 2.1 (EN).pdf"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\boot.ini", "boot.ini"),
        (".hidden.md", "hidden.md"),
        ("_draft.md", "draft.md"),
        ("a\x00b<c>|d.md", "a-b-c-d.md"),
        ("/", ""),
        ("Bedienungsanleitung_für_Ä.pdf", "Bedienungsanleitung_für_Ä.pdf"),
    ],
)
def test_a_files_name_leads_nowhere_else(name, safe):
    assert safe_name(name) == safe
    assert len(safe_name(name * 50)) <= 120


def test_an_uploads_place_is_always_below_its_folder(tmp_path):
    uploads = Uploads(tmp_path)
    for product in ("..", "/", "../../x", "A/B"):
        place = uploads.place_for("..", Described(product, None))
        assert tmp_path in place.resolve().parents
