"""A bot that is killed at any step: after its restart the question has one answer."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from fakes_slack import Bench, open_bench
from test_bot_questions import mention, posted, send

from bot.listeners.questions import sort_message

# The process that dies: it records a question and works on it until the step named by its argument.
BOT = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from fakes_slack import open_bench
    from test_bot_questions import mention, send
    from bot.listeners.questions import sort_message

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    def then_die(function):
        def called(*arguments, **named):
            result = function(*arguments, **named)
            print(result, flush=True)
            die()
        return called

    with open_bench(Path(sys.argv[2])) as bench:
        services, step = bench.services, sys.argv[3]
        match step:
            case "recorded":
                services.inbox.record(*sort_message(services, mention()))
                die()
            case "asked":
                bench.engine.ask = die
            case "answered":
                type(services.poster).post = die
            case "doubtful":
                type(services.poster)._send = die
            case "posted":
                type(services.poster)._send = then_die(type(services.poster)._send)
        send(bench, mention())
"""


def killed_when(step: str, home: Path) -> str:
    """What the process printed before it died."""
    tests = str(Path(__file__).parent)
    command = [sys.executable, "-c", textwrap.dedent(BOT), tests, str(home), step]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("step", "n_asked", "n_posted"),
    [("recorded", 1, 1), ("asked", 1, 1), ("answered", 0, 1), ("doubtful", 0, 1), ("posted", 0, 0)],
)
def test_a_question_is_answered_once_whenever_the_bot_is_killed(
    tmp_path: Path, step: str, n_asked: int, n_posted: int
) -> None:
    ts = killed_when(step, tmp_path)
    with open_bench(tmp_path) as bench:
        key = "own:question#Ev2/answer"
        there = [{"ts": ts, "metadata": {"event_payload": {"delivery": key}}}] if ts else []
        bench.slack.answers["conversations_replies"] = {"messages": there}
        assert bench.services.inbox.release_orphans() == (step != "recorded")

        send(bench, mention())  # Slack delivers it again, too
        if step == "doubtful":  # what was sent may be on its way still
            assert posted(bench) == []
            wait_long_enough(bench)
            send(bench)

        assert (len(bench.engine.asked), len(posted(bench))) == (n_asked, n_posted)
        [row] = bench.services.store.rows("SELECT count(*) AS n, channel, ts FROM posts")
        assert (row["n"], row["channel"]) == (1, "C1")
        assert not ts or row["ts"] == ts


def wait_long_enough(bench: Bench) -> None:
    with bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET not_before = 0, settled_at = 0")


def test_two_processes_answer_a_question_once(tmp_path: Path) -> None:
    with open_bench(tmp_path) as one, open_bench(tmp_path) as other:
        for bench in (one, other, one):
            bench.services.inbox.record(*sort_message(bench.services, mention()))

        assert send(one) + send(other) == 1
        assert len(posted(one)) + len(posted(other)) == 1
