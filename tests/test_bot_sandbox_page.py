"""The workspace in a real browser: ask, read, vote, correct, set up, look at the App Home.

Needs Debian's chromium (`apt install chromium`) or another Chromium or Chrome on the PATH.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator

import pytest
from bot_in_sandbox import FakeSlackEngine, bot_in
from sandbox_person import ADA, eventually

from bot.sandbox.starting import SandboxAddress, start_sandbox
from bot.services import Services

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="There is no browser here: apt install chromium"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxAddress]:
    address = start_sandbox(port=0)
    yield address
    address.stop()


@pytest.fixture(scope="module")
def services(sandbox: SandboxAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with bot_in(sandbox, tmp_path_factory.mktemp("bot"), FakeSlackEngine()) as services:
        yield services


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no other way
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: sync_api.Browser, sandbox: SandboxAddress, services: Services) -> Iterator[sync_api.Page]:
    del services
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(sandbox.url)
    page.get_by_text("manualbot is connected").wait_for()
    yield page
    page.evaluate("document.querySelector('dialog[open] header button')?.click()")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.close()
    assert faults == []


def ask(page: sync_api.Page) -> sync_api.Locator:
    """Ask in #support what nobody has asked before; gives the bot's answer in the thread that opens."""
    question = f"How often must it be descaled? ({next(NUMBERS)})"
    page.get_by_label("Message #support").fill(f"@manualbot {question}")
    page.keyboard.press("Enter")
    thread = page.get_by_role("log", name="Messages in the thread")
    thread.get_by_text(question).wait_for()
    answer = thread.get_by_role("listitem").filter(has_text="Descale the machine")
    answer.wait_for()
    return answer


NAME = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
NAMELESS = """
    [...document.querySelectorAll('button, input, select, textarea, summary')]
        .filter((node) => !node.getAttribute('aria-label') && !node.labels?.length)
        .filter((node) => !node.textContent.trim())
        .map((node) => node.outerHTML)
"""
NUMBERS = itertools.count(1)


def act_as(page: sync_api.Page, person: str) -> None:
    page.get_by_label("You are").select_option(label=person)


def test_a_question_is_answered_in_the_thread_that_opens(page: sync_api.Page) -> None:
    answer = ask(page)

    assert answer.locator("strong").nth(1).inner_text() == "every 200 cups"
    assert answer.get_by_text("meridio/manual.html › Care › Descaling › page 12").is_visible()
    assert answer.get_by_role("button", name="Ask a person").is_visible()


def test_a_suggested_question_is_asked_with_one_press(page: sync_api.Page) -> None:
    page.get_by_role("group", name="Suggested questions").get_by_role("button").first.click()

    page.get_by_role("log", name="Messages in the thread").get_by_text("every 200 cups").first.wait_for()


def test_more_passages_are_read_in_a_dialog_that_escape_closes(page: sync_api.Page) -> None:
    ask(page).get_by_role("button", name="More passages").click()
    dialog = page.get_by_role("dialog", name="Passages")
    dialog.get_by_text("Clean the tray.").wait_for()

    page.keyboard.press("Escape")

    dialog.wait_for(state="hidden")


def test_a_thumbs_up_is_a_vote_with_a_quiet_receipt(page: sync_api.Page, services: Services) -> None:
    answer = ask(page)
    answer.get_by_role("button", name="React with thumbs up").first.focus()
    page.keyboard.press("Enter")

    answer.get_by_role("button", name=re.compile("thumbs up: Ada Lind")).wait_for()
    page.get_by_text(re.compile(r"Saved as example \d+")).first.wait_for()
    (row,) = services.store.rows("SELECT person, value FROM votes")
    assert row == {"person": ADA, "value": 1}


def test_a_thumbs_down_is_corrected_with_the_manual_s_own_words(
    page: sync_api.Page, services: Services
) -> None:
    answer = ask(page)
    answer.get_by_role("button", name="Wrong answer").click()
    dialog = page.get_by_role("dialog")

    dialog.get_by_role("textbox").fill("Use the descaling tablets only.")
    dialog.get_by_role("button", name="Save").click()

    corrections = eventually(lambda: services.store.rows("SELECT person, kind FROM corrections"))
    assert corrections == [{"person": ADA, "kind": "pasted"}]


def test_an_admin_sets_a_channel_up(page: sync_api.Page, services: Services) -> None:
    act_as(page, "Cleo Marsh (admin)")
    page.get_by_label("Message #support").fill("/manual config")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Person to ask").wait_for()
    dialog.get_by_label("Meridio 300").check()
    dialog.get_by_role("button", name="Save").click()

    dialog.wait_for(state="hidden")
    assert eventually(lambda: services.channels.get("C0SUPPORT").products) == ("Meridio 300",)


def test_the_app_home_shows_an_admin_more(page: sync_api.Page) -> None:
    page.get_by_role("button", name="manualbot", exact=True).click()
    page.get_by_role("button", name="Home", exact=True).click()
    home = page.get_by_role("region", name="App Home")
    home.get_by_role("heading").first.wait_for()
    of_ada = home.inner_text()

    act_as(page, "Cleo Marsh (admin)")
    page.wait_for_function("text => document.getElementById('home').innerText !== text", arg=of_ada)
    page.wait_for_function("() => document.querySelectorAll('#home h3').length > 1")

    assert "30 days" in home.inner_text()
    assert "30 days" not in of_ada


def test_an_admin_puts_a_triplet_right_and_approves_it(page: sync_api.Page, services: Services) -> None:
    answer = ask(page)
    answer.get_by_role("button", name="Right answer").click()
    eventually(lambda: services.store.rows("SELECT * FROM votes WHERE value = 1"))
    asked = page.get_by_role("log", name="Messages in the thread").get_by_text("How often must").first
    [number] = re.findall(r"\(\d+\)", asked.inner_text())
    page.get_by_role("navigation").get_by_role("button", name="manualbot", exact=True).click()
    page.get_by_role("button", name="Home", exact=True).click()
    act_as(page, "Cleo Marsh (admin)")
    home = page.get_by_role("region", name="App Home")
    home.get_by_text(number).wait_for()  # a tab of before is shown until the new one is there
    home.get_by_role("button", name="Edit").first.click()
    dialog = page.get_by_role("dialog", name="Put it right")
    dialog.get_by_label("Use the descaling tablets only.").check()

    dialog.get_by_role("button", name="Save and approve").click()

    dialog.wait_for(state="hidden")
    home.get_by_text("1 approved", exact=False).first.wait_for()
    rows = services.store.rows("SELECT content FROM triplets WHERE status = 'approved'")
    [triplet] = [json.loads(row["content"])["triplet"] for row in rows]
    assert triplet["context"][triplet["start"] : triplet["end"]] == "Use the descaling tablets only."


def test_what_comes_late_for_the_person_before_does_not_change_the_place(page: sync_api.Page) -> None:
    page.get_by_role("button", name="manualbot", exact=True).click()
    page.get_by_role("button", name="Home", exact=True).click()
    home = page.get_by_role("region", name="App Home")
    home.get_by_role("heading").first.wait_for()
    late: list[sync_api.Route] = []
    page.route("**/page/state?as=U0ADA", lambda route: late.append(route))  # noqa: PLW0108 - playwright marks it
    with page.expect_request("**/page/state?as=U0ADA"):
        page.evaluate(
            "fetch('/page/act', {method: 'POST', headers: {'content-type': 'application/json'}, body: "
            "JSON.stringify({as: 'U0ADA', act: 'open_app', tab: 'home'})})"
        )

    act_as(page, "Cleo Marsh (admin)")
    late[0].continue_()
    page.wait_for_function("() => document.querySelectorAll('#home h3').length > 1")

    assert home.is_visible()


def test_everything_can_be_reached_with_the_keyboard(page: sync_api.Page) -> None:
    ask(page)
    page.get_by_label("You are").focus()
    wanted, reached = {"Reply in thread", "More passages", "Reply in the thread", "Close the thread"}, set()
    for _ in range(400):  # each message of the tests before has some stops
        page.keyboard.press("Tab")
        reached.add(page.evaluate(NAME))
        if wanted <= reached:
            break

    assert wanted <= reached


def test_every_control_has_a_name(page: sync_api.Page) -> None:
    ask(page)

    assert page.evaluate(NAMELESS) == []


def test_what_people_write_is_never_read_as_html(page: sync_api.Page) -> None:
    page.get_by_label("Message #support").fill("<img src=x onerror=alert(1)> & <b>bold</b>")
    page.keyboard.press("Enter")

    shown = page.get_by_role("log", name="Messages", exact=True).get_by_text("<img src=x").last
    shown.wait_for()
    assert shown.inner_text() == "<img src=x onerror=alert(1)> & <b>bold</b>"
