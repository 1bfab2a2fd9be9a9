"""Fine-tune the encoder on questions with their passages and hard negatives.

Loss: MultipleNegativesRanking (Henderson et al. 2017): of all passages of a batch the question's own one must
be the nearest. Hard negatives are what the search finds and is wrong. Dropout is off, the embeddings
of words and the lower layers are frozen: the data are some hundreds of questions.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import nn

from qa_core.errors import ModelError
from qa_core.inference.checkpoint import PICKLED
from qa_core.inference.muted import muted_libraries
from training.reading.layers import decay_groups, freeze, most_layers, require_finite
from training.reading.model_folder import save_weights
from training.reading.training_speed import best_device, fastest_dtype, keep_freed_memory
from training.retraining.lessons import EncoderPair
from training.retrieval.encoder_batches import Kind, batches_of, columns_of
from training.retrieval.interpolation import Weights
from training.retrieval.ranking import RankingCase, rank_of_right
from training.retrieval.retriever_epochs import RetrieverEpoch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, slots=True)
class RetrieverSettings:
    """How to fine-tune the encoder."""

    n_epochs: int = 3
    learning_rate: float = 5e-5
    warmup: float = 0.1  # of all steps
    weight_decay: float = 0.01
    batch_size: int = 16  # questions
    scale: float = 20.0  # of cosines in the softmax
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RetrieverProgress:
    """Where the training stands."""

    step: int
    n_steps: int
    loss: float
    left_s: float


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training brought, on cases that were not trained on."""

    epochs: tuple[RetrieverEpoch, ...]
    ranks_before: NDArray[np.float64]  # reciprocal, `[cases]`
    ranks_after: NDArray[np.float64]


class Retriever:
    """An encoder in training."""

    def __init__(self, base: Path) -> None:
        """Raises ModelError for a folder that is no encoder."""
        keep_freed_memory()
        self._base = base
        self.device = best_device()
        self.dtype = fastest_dtype(self.device)
        try:
            with muted_libraries():
                self._model = SentenceTransformer(
                    str(base), device=self.device.type, local_files_only=True, trust_remote_code=False
                ).float()
        except Exception as error:  # the library raises whatever its loaders raise
            raise ModelError(f"{base} cannot be trained as an encoder ({error})") from error
        for module in self._model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.base_weights = self._copy()

    def train(
        self,
        pairs: Sequence[EncoderPair],
        settings: RetrieverSettings,
        on_progress: Callable[[RetrieverProgress], None] = lambda _: None,
        cases: Sequence[RankingCase] = (),
    ) -> Trained:
        """Train on the pairs; the weights of the last epoch stay in the model.

        Raises ModelError for a loss that is not finite.
        """
        torch.manual_seed(settings.seed)
        plan = [batches_of(pairs, settings.batch_size, settings.seed + n) for n in range(settings.n_epochs)]
        n_steps = sum(len(batches) for batches in plan)
        loss_of = MultipleNegativesRankingLoss(self._model, scale=settings.scale)
        optimizer, schedule = self._optimizer(settings, n_steps)
        ranks = [self.reciprocal_ranks(cases)]
        mean_losses: list[float | None] = [None]
        step, started = 0, time.monotonic()
        for batches in plan:
            losses = []
            for batch in batches:
                losses.append(self._step(batch, loss_of, optimizer, step))
                schedule.step()
                step += 1
                left_s = (time.monotonic() - started) / step * (n_steps - step)
                on_progress(RetrieverProgress(step, n_steps, losses[-1], left_s))
            mean_losses.append(float(np.mean(losses)))
            ranks.append(self.reciprocal_ranks(cases))
        require_finite(self._model.state_dict())
        epochs = [
            RetrieverEpoch(number, loss, float(each.mean()) if len(each) else None)
            for number, (loss, each) in enumerate(zip(mean_losses, ranks, strict=True))
        ]
        return Trained(tuple(epochs), ranks[0], ranks[-1])

    def use(self, weights: Weights) -> None:
        """Put these weights into the model."""
        self._model.load_state_dict(dict(weights))

    @property
    def _transformer(self) -> PreTrainedModel:
        return cast("PreTrainedModel", self._model[0].auto_model)

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """A copy of the model's weights."""
        return self._copy()

    def reciprocal_ranks(self, cases: Sequence[RankingCase]) -> NDArray[np.float64]:
        """The reciprocal rank of the first right passage of each case `[len(cases)]`."""
        if not cases:
            return np.zeros(0)
        texts = list(dict.fromkeys(text for case in cases for text in case.texts))
        row_of = {text: row for row, text in enumerate(texts)}
        passages = self._encode(texts, "document")
        questions = self._encode([case.question for case in cases], "query")
        ranks = []
        for case, vector in zip(cases, questions, strict=True):
            cosines = passages[[row_of[text] for text in case.texts]] @ vector
            ranks.append(rank_of_right(cosines + np.array(case.other_scores), case.right))
        return np.array([1 / rank for rank in ranks])

    def save(self, folder: Path) -> None:
        """Write the encoder as a folder like the one that it came from; ModelError when the disk is full."""
        try:
            shutil.copytree(
                self._base,
                folder,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns(
                    *PICKLED, "*.safetensors", "*.safetensors.index.json", "onnx", "openvino", "*.md"
                ),
            )
            config = (folder / "config.json").read_bytes()
            save_weights(self._transformer, folder)
            (folder / "config.json").write_bytes(config)
        except OSError as error:
            raise ModelError(
                f"The encoder cannot be saved to {folder} ({error.strerror or error}). Free some disk space"
            ) from error

    def _step(
        self,
        batch: Sequence[EncoderPair],
        loss_of: MultipleNegativesRankingLoss,
        optimizer: torch.optim.Optimizer,
        step: int,
    ) -> float:
        self._model.train()
        columns = [self._features(texts, kind) for texts, kind in columns_of(batch)]
        low = self.dtype != torch.float32
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low):
            loss = loss_of(columns, torch.zeros(len(batch), device=self.device))
        if not torch.isfinite(loss):
            raise ModelError(
                f"The encoder's loss is {loss.item()} at step {step}. Lower its learning rate, or look "
                "through the triplets"
            )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        optimizer.step()
        return float(loss.item())

    def _features(self, texts: Sequence[str], kind: Kind) -> dict[str, torch.Tensor]:
        prompt = self._prompt(kind)
        features = self._model.preprocess([prompt + text for text in texts])
        return {n: v.to(self.device) if isinstance(v, torch.Tensor) else v for n, v in features.items()}

    def _prompt(self, kind: Kind) -> str:
        prompts = self._model.prompts or {}
        names = ("query",) if kind == "query" else ("document", "passage")
        return next((prompt for name in names if (prompt := prompts.get(name))), "")

    def _encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        self._model.train(False)
        low = self.dtype != torch.float32
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low):
            vectors = self._model.encode(
                [self._prompt(kind) + text for text in texts],
                prompt="",
                batch_size=16,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
        return np.asarray(vectors, dtype=np.float32)

    def _optimizer(
        self, settings: RetrieverSettings, n_steps: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        transformer = self._transformer
        freeze(transformer, most_layers(transformer), embeddings=True)
        groups = decay_groups(self._model.parameters(), settings.weight_decay)
        optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)
        n_warmup = max(1, round(n_steps * settings.warmup))

        def rate_at(step: int) -> float:
            return min((step + 1) / n_warmup, max(0.0, (n_steps - step) / max(1, n_steps - n_warmup)))

        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate_at)

    def _copy(self) -> dict[str, torch.Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self._model.state_dict().items()}
