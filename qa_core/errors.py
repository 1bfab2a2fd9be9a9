"""One tree of errors. Each message says what was wrong, the value seen and the next step."""

from __future__ import annotations

import errno

_NO_ROOM = (  # as the loader, libc, torch, onnxruntime and orjson say it
    "failed to map segment",
    "cannot allocate memory",
    "can't allocate memory",
    "out of memory",
    "not enough memory",
    "bad_alloc",
    "bad alloc",
)


class ManualbotError(Exception):
    """Everything this project raises on purpose; commands print it in one line and exit with 1."""


class SettingsError(ManualbotError):
    """A setting is missing or has a value that cannot be used."""


class SourceError(ManualbotError):
    """A source does not exist, or is not one of ours."""


class DocumentError(ManualbotError):
    """A file cannot be read as a manual; the message is the reason, without the file's name."""


class TransientDocumentError(DocumentError):
    """A file's reader crashed or took too long; it may be readable the next time."""


class ParserStartError(TransientDocumentError):
    """The reader did not start: no file is to blame."""


class IndexingError(ManualbotError):
    """Nothing could be indexed, or an index on disk is missing or damaged."""


class NothingIndexedError(IndexingError):
    """No manuals are indexed: none were added yet, or all were taken out."""


class StoreError(ManualbotError):
    """The database is damaged, busy, full or newer than the code."""


class BackupError(ManualbotError):
    """A backup cannot be written or read, or there is a home already where it is to be restored."""


class ReleaseError(ManualbotError):
    """A release is missing, damaged or does not fit."""


class ModelError(ManualbotError):
    """A model's files are missing, corrupt, pickled or of the wrong kind."""


class ModelMemoryError(ModelError):
    """There is too little memory, or there are too few threads, for a model; its files may be sound."""


class DataError(ManualbotError):
    """A data set's record is not usable; the message names the record."""


def first_line(error: BaseException) -> str:
    """What an error says, in one line; its kind where it says nothing."""
    return (str(error).strip() or repr(error)).splitlines()[0]


def is_of_memory(error: Exception) -> bool:
    """Whether there was too little memory: for what was made, or for the code of a library."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _NO_ROOM)
