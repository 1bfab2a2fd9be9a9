"""The settings of a fine-tuning: what nothing can be trained with."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qa_core.errors import SettingsError
from training.reading.fine_tune_settings import FineTuneSettings


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"n_epochs": 0}, "n_epochs is 0. Give a number from 1 on"),
        ({"batch_size": 0}, "batch_size is 0. Give a number from 1 on"),
        ({"patience": 0}, "patience is 0. Give a number from 1 on"),
        ({"learning_rate": float("nan")}, "learning_rate is nan. Give a number from 0 on"),
        ({"learning_rate": float("inf")}, "learning_rate is inf. Give a number from 0 on"),
        ({"validation_share": 1.0}, "validation_share is 1.0. Give a number from 0 on and below 1"),
        ({"validation_share": None}, "validation_share is None. Give a number"),
        ({"n_epochs": 1.5}, "n_epochs is 1.5. Give a whole number"),
        ({"n_epochs": None}, "n_epochs is None. Give a whole number"),
        ({"warmup": 3.0}, "warmup is 3.0. Give a number from 0 on and below 1"),
        ({"dtype": "float16"}, "dtype is 'float16'. Choose one of: auto, float32, bfloat16"),
    ],
)
def test_settings_that_nothing_can_be_trained_with_are_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(reason)}$"):
        FineTuneSettings(**change)
