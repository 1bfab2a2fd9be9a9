"""A whole installation with models of a few thousand weights: manuals, index, release, triplets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file
from tiny_models import write_model, write_pooling

from qa_core.installation import WEIGHTS, Installation
from qa_core.migrations import QA_CORE
from qa_core.releases import Candidate
from qa_core.settings import Settings
from qa_core.store import Store
from qa_core.types import Passage
from training.feedback.triplet import Triplet
from training.feedback.triplet_store import Triplets
from training.migrations import TRAINING

PARTS = ("menu", "button", "clock", "filter", "water", "paper", "error", "code", "jam")
N_SECTIONS = 24


@dataclass(frozen=True)
class TinyInstallation:
    settings: Settings
    store: Store
    base: str  # id of the current release

    @property
    def installation(self) -> Installation:
        return Installation(self.settings)


def make_installation(home: Path) -> TinyInstallation:
    """One manual of 24 sections, a release that has learned nothing, and a triplet for each section."""
    settings = Settings(home=home / "var", n_threads=1)
    manual = home / "manuals" / "machine.md"
    manual.parent.mkdir(parents=True)
    manual.write_text(manual_text(), encoding="utf-8")
    lines = [question_line(n) for n in range(4)] + [{"question": "jam a jam?", "answers": []}]
    (manual.parent / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    encoder, reader = home / "models" / "encoder", home / "models" / "reader"
    for folder in (encoder, reader):
        folder.mkdir(parents=True)
    write_model(encoder, "encode")
    write_pooling(encoder, "mean_tokens", "Normalize")
    let_words_through(encoder / "model.safetensors")
    write_model(reader, "read")
    installation = Installation(settings)
    calibration = WEIGHTS / "calibration.json"
    release = installation.releases.add(Candidate(encoder, reader, calibration, "torch-fp32"))
    installation.open_library(release).add([manual.parent])
    installation.use(release.id)
    store = Store(settings.database, (QA_CORE, TRAINING))
    passages = installation.open_library().open_index().passages
    triplets = [triplet_of(passage, n) for n, passage in enumerate(passages)]
    assert Triplets(store, passages).add_imported(triplets) == N_SECTIONS
    return TinyInstallation(settings, store, release.id)


def let_words_through(weights: Path) -> None:
    """Make a vector the mean of its words: texts are the nearer the more words they share."""
    tensors = load_file(weights)
    for name, tensor in tensors.items():
        if "position_embeddings" in name or "token_type" in name or ".output.dense" in name:
            tensor.zero_()
        if "word_embeddings" in name:
            tensor[:4] = 0  # [PAD], [UNK], [CLS], [SEP]
    save_file(tensors, weights, metadata={"format": "pt"})


def second_part(n: int) -> str:
    return PARTS[(n * 5 + 3 + n // 9) % 9]


def manual_text() -> str:
    sections = []
    for n in range(N_SECTIONS):
        first, second = PARTS[n % 9], PARTS[(n // 9 + 2 * n + 1) % 9]
        sections.append(f"## Rinse the {first} {second} {'abc'[n // 9]}\n\n{body_of(n)}\n")
    return "# Machine\n\n" + "\n".join(sections)


def body_of(n: int) -> str:
    first, second = PARTS[n % 9], second_part(n)
    return f"Press the {first} {'abc'[n // 9]} button to set the {second} under water."


def question_line(n: int) -> dict[str, object]:
    return {"question": f"{second_part(n)} {PARTS[n % 9]}", "answers": [body_of(n)]}


def triplet_of(passage: Passage, n: int) -> Triplet:
    start = passage.text.index("to set")
    question = f"{PARTS[n % 9]} {'abc'[n // 9]} {second_part(n)}"
    return Triplet(
        id=f"{n:016x}",
        question=question,
        context=passage.text,
        start=start,
        end=len(passage.text) - 1,
        kind="answer",
        status="approved",
        provenance="import",
        question_key=f"{n:016x}",
        passage_id=passage.id,
        heading_path=passage.section.heading_path,
        manual=passage.manual.path,
    )
