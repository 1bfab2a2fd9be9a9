"""The environment and `.env` as `Settings`: the only module of this package that reads either."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values

from qa_core.errors import SettingsError

T = TypeVar("T")

RUNTIME_CHOICES = ("auto", "onnx-int8", "onnx-fp32", "torch-bf16", "torch-fp32")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_MOST_THREADS = 256
_MOST_MB = 1_000_000
_LONGEST_S = 86_400.0  # a day


def _n_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value; the defaults are those of a fresh checkout."""

    home: Path = field(default_factory=Path("var").absolute)  # MANUALBOT_HOME: all state
    n_threads: int = field(default_factory=_n_processors)  # MANUALBOT_THREADS: of the models
    runtime: str = "auto"  # MANUALBOT_RUNTIME: "auto" takes the release's
    encoder: Path | None = None  # MANUALBOT_ENCODER: a folder in place of the release's encoder
    reader: Path | None = None  # MANUALBOT_READER: a folder in place of the release's reader
    threshold: float | None = None  # MANUALBOT_THRESHOLD: in place of the calibration's
    max_file_mb: int = 100  # MANUALBOT_MAX_FILE_MB
    parse_timeout_s: float = 120.0  # MANUALBOT_PARSE_TIMEOUT_S: for one file
    parse_memory_mb: int = 2048  # MANUALBOT_PARSE_MEMORY_MB: of the process that reads files
    log_level: str = "WARNING"  # MANUALBOT_LOG_LEVEL

    @property
    def database(self) -> Path:
        """The file of the one database."""
        return self.home / "manualbot.db"

    @property
    def unfitted(self) -> str | None:
        """What to say of models that no release's ranking and confidence were fitted for."""
        given = {"MANUALBOT_ENCODER": self.encoder, "MANUALBOT_READER": self.reader}
        named = " and ".join(f"{name}={folder}" for name, folder in given.items() if folder is not None)
        if not named:
            return None
        return (
            f"{named}: ranking and confidence are still those that were fitted for the release's own models. "
            "See how well it declines (manualbot evaluate QUESTIONS), and set MANUALBOT_THRESHOLD to suit"
        )

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
        """The settings from `env` (the process's by default), filled up from the file `dotenv`.

        An empty value counts as not set. Raises SettingsError with the variable, its value and
        what is allowed.
        """
        values = read_environment(env, dotenv)
        default = cls()
        values["MANUALBOT_HOME"] = values.get("MANUALBOT_HOME", "").strip() or str(default.home)
        return cls(
            home=read_setting(values, "MANUALBOT_HOME", absolute_path, default.home),
            n_threads=read_setting(values, "MANUALBOT_THREADS", at_most(_MOST_THREADS), default.n_threads),
            runtime=read_setting(values, "MANUALBOT_RUNTIME", _one_of(RUNTIME_CHOICES), default.runtime),
            encoder=read_setting(values, "MANUALBOT_ENCODER", _folder, default.encoder),
            reader=read_setting(values, "MANUALBOT_READER", _folder, default.reader),
            threshold=read_setting(values, "MANUALBOT_THRESHOLD", _probability, default.threshold),
            max_file_mb=read_setting(values, "MANUALBOT_MAX_FILE_MB", at_most(_MOST_MB), default.max_file_mb),
            parse_timeout_s=read_setting(
                values, "MANUALBOT_PARSE_TIMEOUT_S", _seconds, default.parse_timeout_s
            ),
            parse_memory_mb=read_setting(
                values, "MANUALBOT_PARSE_MEMORY_MB", at_most(_MOST_MB), default.parse_memory_mb
            ),
            log_level=read_setting(values, "MANUALBOT_LOG_LEVEL", _one_of(LOG_LEVELS), default.log_level),
        )


def read_environment(env: Mapping[str, str] | None, dotenv: Path | None) -> dict[str, str]:
    """The variables of `env` (the process's by default), filled up from the file `dotenv`."""
    env = os.environ if env is None else env
    if dotenv is None or not dotenv.is_file():
        return dict(env)
    try:
        from_file = dotenv_values(dotenv, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{dotenv} cannot be read: {error}. Save it as UTF-8 or remove it") from error
    return {name: value for name, value in from_file.items() if value is not None} | dict(env)


def read_setting(values: Mapping[str, str], name: str, read: Callable[[str], T], default: T) -> T:
    """One setting. Raises SettingsError if `read` raises ValueError, which says what it must be."""
    text = values.get(name, "").strip()
    if not text:
        return default
    try:
        return read(text)
    except ValueError as error:
        raise SettingsError(f"{name}={text!r} cannot be used: it must be {error}") from None


def absolute_path(text: str) -> Path:
    """A setting that is a path; `~` is a home folder."""
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError("a path; there is no home folder of that name") from None
    if not _is_utf8(path):
        raise ValueError("a path in UTF-8. Set a UTF-8 locale, or PYTHONUTF8=1, or take another folder")
    return path


def _is_utf8(path: Path) -> bool:
    """Whether the libraries of the index and the models find it, which open paths in UTF-8 in any locale."""
    try:
        return os.fsencode(path) == str(path).encode()
    except UnicodeEncodeError:
        return False


def _folder(text: str) -> Path:
    path = absolute_path(text)
    if not path.is_dir():
        raise ValueError("a folder that exists")
    return path


def whole_number(text: str, most: int = 1_000_000_000) -> int:
    """A setting that counts something."""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValueError("a whole number of at least 1")
    if len(text.lstrip("0")) > len(str(most)) or int(text) > most:
        raise ValueError(f"a whole number of at most {most:,}")
    return int(text)


def at_most(most: int) -> Callable[[str], int]:
    """Reads a setting that counts something, and has a bound."""
    return lambda text: whole_number(text, most)


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 < value <= _LONGEST_S:
        raise ValueError(f"a number of seconds above 0, at most {_LONGEST_S:,.0f}")
    return value


def _probability(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 1:
        raise ValueError("a number from 0 to 1")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        by_folded = {choice.lower(): choice for choice in allowed}
        if text.lower() not in by_folded:
            raise ValueError(f"one of {', '.join(allowed)}")
        return by_folded[text.lower()]

    return read
