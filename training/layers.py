"""The layers of an encoder, whatever its family: which of its parameters are trained."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from transformers import PreTrainedModel

from qa_core.errors import ModelError


def frozen_names(model: PreTrainedModel, n_layers: int) -> frozenset[str]:
    """The parameters of the `n_layers` lowest layers and of all that layers share, such as embeddings.

    The span head and the layers above are left. None for 0. Raises ModelError for more layers than there
    are, and for an encoder whose layers cannot be told.
    """
    if n_layers == 0:
        return frozenset()
    layers = _layers(model)
    if not 0 < n_layers <= len(layers):
        raise ModelError(
            f"{n_layers} layers cannot be frozen: the model has {len(layers)}. Freeze 0 to {len(layers)}"
        )
    trained = {id(parameter) for layer in layers[n_layers:] for parameter in layer.parameters()}
    of_encoder = {id(parameter) for parameter in model.base_model.parameters()}
    return frozenset(
        name for name, parameter in model.named_parameters() if id(parameter) in of_encoder - trained
    )


def _layers(model: PreTrainedModel) -> list[nn.Module]:
    n_layers = getattr(model.config, "num_hidden_layers", None)
    found = [layers for layers in _module_lists(model.base_model) if len(layers) == n_layers]
    if len(found) != 1:
        raise ModelError(
            f"The layers of {type(model).__name__} cannot be told apart, so none of them can be frozen. "
            "Freeze 0 layers"
        )
    return list(found[0])


def _module_lists(module: nn.Module) -> Iterator[nn.ModuleList]:
    """The outermost lists of modules."""
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield child
        else:
            yield from _module_lists(child)
