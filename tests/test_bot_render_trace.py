"""The three layers of a prediction, as --trace prints them."""

from __future__ import annotations

import json

from fakes_bot import answer

from bot.render.trace import trace_json, trace_text
from qa_core.trace import Candidate, TokenLogit, Trace, WindowTrace

TRACE = Trace(
    answer=answer(),
    windows=(
        WindowTrace(
            passage=0,
            tokens=("[CLS]", "how", "[SEP]", "every", "200", "\x1b[2Jcups", "[SEP]"),
            segment_ids=(0, 0, 0, 1, 1, 1, 1),
            first=3,
            last=6,
            starts=(TokenLogit(3, "every", 5.25), TokenLogit(4, "200", 1.0)),
            ends=(TokenLogit(5, "cups", 4.25),),
            null_score=-2.5,
        ),
    ),
    candidates=(
        Candidate(0, "every 200\ncups", 9.5, None),
        Candidate(0, "200 cups", 5.25, "a better span in the same passage"),
    ),
)


def test_the_layers_stand_one_under_the_other() -> None:
    assert trace_text(TRACE).split("\n") == [
        "1 Input encoding: 1 passage in 1 window",
        "  window 0: passage 0, 7 tokens, spans in tokens 3 to 5",
        "    tokens    [CLS] how [SEP] every 200 cups [SEP]",
        "    segments  0×3 1×4",
        "",
        "2 Forward pass: the highest logits of each window, and its null score",
        "  window 0: passage 0, null score -2.50",
        "    start  every[3] 5.25  200[4] 1.00",
        "    end    cups[5] 4.25",
        "",
        "3 Span selection: score = start logit + end logit, compared across passages",
        "      9.50  passage 0  every 200 cups",
        "      5.25  passage 0  200 cups  dropped: a better span in the same passage",
        "  confidence 0.870 ≥ threshold 0.500: answered",
        "",
    ]


def test_json_holds_every_token_and_logit() -> None:
    found = json.loads(json.dumps(trace_json(TRACE)))

    assert found["windows"][0]["segment_ids"] == [0, 0, 0, 1, 1, 1, 1]
    assert found["windows"][0]["starts"][0] == {"position": 3, "token": "every", "value": 5.25}
    assert found["candidates"][1] == {
        "passage": 0,
        "text": "200 cups",
        "score": 5.25,
        "dropped": "a better span in the same passage",
    }
