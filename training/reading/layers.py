"""The parameters of an encoder, whatever its family: which are trained, and its layers in two parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import torch
from torch import nn
from transformers import PreTrainedModel

from qa_core.errors import ModelError
from qa_core.inference.span_model import first_not_finite

# What the families call the modules of words', positions' and segments' embeddings, with their norms.
_EMBEDDINGS = frozenset(
    {
        "embeddings",  # BERT and most
        *("shared", "embed_tokens", "embed_positions", "layernorm_embedding"),  # BART, T5
        *("wte", "wpe"),  # GPT-2
    }
)


def frozen_names(model: PreTrainedModel, n_layers: int) -> frozenset[str]:
    """The parameters of the `n_layers` lowest layers and of all that layers share, such as embeddings.

    The span head and the layers above are left. None for 0. Raises ModelError for more layers than there
    are, and for an encoder whose layers cannot be told.
    """
    if n_layers == 0:
        return frozenset()
    layers = _list_of_layers(model).layers
    if not 0 < n_layers <= len(layers):
        raise ModelError(
            f"{n_layers} layers cannot be frozen: the model has {len(layers)}. Freeze 0 to {len(layers)}"
        )
    trained = {id(parameter) for layer in layers[n_layers:] for parameter in layer.parameters()}
    of_encoder = {id(parameter) for parameter in model.base_model.parameters()}
    return frozenset(
        name for name, parameter in model.named_parameters() if id(parameter) in of_encoder - trained
    )


def most_layers(model: PreTrainedModel) -> int:
    """Two thirds of the layers: what is frozen where nothing is told. 0 where they cannot be told apart."""
    try:
        return len(_list_of_layers(model).layers) * 2 // 3
    except ModelError:
        return 0


def is_embedding(name: str) -> bool:
    """Whether a parameter of this name is the embeddings'."""
    return not _EMBEDDINGS.isdisjoint(name.split("."))


def freeze(model: PreTrainedModel, n_layers: int, *, embeddings: bool) -> None:
    """Freeze the lowest layers, as `frozen_names` has them, and all `embeddings`; the rest is trained.

    Raises ModelError as `frozen_names` does.
    """
    lower = frozen_names(model, n_layers)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not (name in lower or (embeddings and is_embedding(name))))
        parameter.grad = None  # an earlier training's, even of what is frozen now, would count when clipped


def decay_groups(parameters: Iterable[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """The trained ones among the parameters in groups for an optimizer: matrices decay, vectors do not."""
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    matrices = [parameter for parameter in trained if parameter.ndim > 1]
    vectors = [parameter for parameter in trained if parameter.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def trained_state(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """The state without frozen parameters, each of the others under one name; shares the model's memory."""
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    left_out = frozen | further_names(model)
    return {name: tensor for name, tensor in model.state_dict().items() if name not in left_out}


def further_names(model: PreTrainedModel) -> frozenset[str]:
    """All names but the first of parameters that have several, as BART's embeddings do."""
    named = dict(model.named_parameters(remove_duplicate=False))
    return frozenset(named.keys() - dict(model.named_parameters()).keys())


def load_trained(model: PreTrainedModel, state: Mapping[str, torch.Tensor]) -> None:
    """Put what `trained_state` gave into the model. Raises RuntimeError where it is another model's."""
    model.load_state_dict({**model.state_dict(), **state})


@contextmanager
def undone_on_error(model: PreTrainedModel) -> Iterator[None]:
    """Within, the model is trained; whatever is raised, Ctrl-C too, its weights are those from before."""
    before = {name: tensor.detach().clone() for name, tensor in trained_state(model).items()}
    try:
        yield
    except BaseException:
        load_trained(model, before)
        model.train(False)
        raise


def require_finite(state: Mapping[str, torch.Tensor]) -> None:
    """Raises ModelError where a weight is no number any more: whatever such a model gives means nothing."""
    broken = first_not_finite(state.items())
    if broken is not None:
        raise ModelError(f"The training left {broken} not finite. Lower the learning rate")


class SplitModel:
    """A model that can be run in two parts: what is below a layer, and what is above.

    The parts share the model's parameters. Raises ModelError where its layers or embeddings cannot be told.
    """

    def __init__(self, model: PreTrainedModel, n_below: int) -> None:
        self._model = model
        self._list = _list_of_layers(model)
        self._below = nn.ModuleList(self._list.layers[:n_below])
        self._above = nn.ModuleList(self._list.layers[n_below:])
        self._embeddings = getattr(model.base_model, "embeddings", None)
        if not isinstance(self._embeddings, nn.Module):
            raise ModelError(f"The embeddings of {type(model).__name__} cannot be told")

    def below(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the embeddings and the layers below make of a batch: `[batch, tokens, width]`."""
        with self._list.replaced(self._below):
            return cast("torch.Tensor", self._model.base_model(**inputs).last_hidden_state)

    def above(self, inputs: Mapping[str, torch.Tensor], hidden: torch.Tensor) -> Any:
        """What the whole model would return for the batch, from what is below."""
        with (
            self._list.replaced(self._above),
            _replaced(self._model.base_model, "embeddings", _Given(hidden)),
        ):
            return self._model(**inputs)


class _Given(nn.Module):
    """In the place of embeddings: what is known already."""

    def __init__(self, hidden: torch.Tensor) -> None:
        super().__init__()
        self._hidden = hidden

    def forward(self, *_args: object, **_named: object) -> torch.Tensor:
        return self._hidden


@contextmanager
def _replaced(module: nn.Module, name: str, other: nn.Module) -> Iterator[None]:
    own = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, own)


class _ListOfLayers:
    """Where an encoder keeps its layers."""

    def __init__(self, parent: nn.Module, name: str, layers: nn.ModuleList) -> None:
        self._parent = parent
        self._name = name
        self.layers = layers

    def replaced(self, layers: nn.ModuleList) -> AbstractContextManager[None]:
        """Others in their place for as long as the context lasts."""
        return _replaced(self._parent, self._name, layers)


def _list_of_layers(model: PreTrainedModel) -> _ListOfLayers:
    n_layers = getattr(model.config, "num_hidden_layers", None)
    found = [each for each in _module_lists(model.base_model) if len(each.layers) == n_layers]
    if len(found) != 1 or model.config.is_encoder_decoder:  # a decoder's layers are not the encoder's
        raise ModelError(
            f"The layers of {type(model).__name__} cannot be told apart, so none of them can be frozen. "
            "Freeze 0 layers"
        )
    return found[0]


def _module_lists(module: nn.Module) -> Iterator[_ListOfLayers]:
    """The outermost lists of modules."""
    for name, child in module.named_children():
        if isinstance(child, nn.ModuleList):
            yield _ListOfLayers(module, name, child)
        else:
            yield from _module_lists(child)
