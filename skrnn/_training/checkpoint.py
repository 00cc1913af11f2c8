"""The state of a training in a file, so that a fit that was killed can go on."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .._files.archive import ArchiveReader, begins_with, remove_unfinished, write_archive
from .._network.network import Network
from .._version import __version__

_DOCUMENT = "training.json"
_STATE = "state"
_BEST = "best"


class Checkpoint(keras.callbacks.Callback):
    """Writes a file after every epoch, and takes a training back to where a file left it.

    Parameters
    ----------
    path : str or path-like
        The file. It is replaced in one piece.

    Raises
    ------
    FileNotFoundError
        The file's folder does not exist.
    ValueError
        There is a file of another kind.

    Warns
    -----
    UserWarning
        There is a file, and it is damaged: the training starts from its beginning. It is read
        when it is needed first.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        super().__init__()
        if not os.fspath(path):
            raise ValueError("checkpoint must name a file, got ''.")
        self.path = Path(os.path.realpath(path))
        if not self.path.parent.is_dir():
            raise FileNotFoundError(
                f"checkpoint={os.fspath(path)!r}: there is no folder {str(self.path.parent)!r}."
            )
        self._check_kind()
        remove_unfinished(self.path)

    @property
    def entropy(self) -> int | None:
        """Where the randomness of the saved training comes from; None without one."""
        return self._saved["fingerprint"]["random_state"] if self._saved else None

    def attach(
        self,
        fingerprint: dict[str, Any],
        network: Network,
        history: dict[str, list[float]],
        early_stopping: keras.callbacks.EarlyStopping | None,
    ) -> dict[str, list[float]]:
        """Follow a training from now on, and put the network to where the file left it.

        Parameters
        ----------
        fingerprint : dict of str to object
            All that the training depends on, as JSON has it.
        network : Network
            What is trained.
        history : dict of str to list of float
            Grows with the epochs; it is only read.
        early_stopping : keras.callbacks.EarlyStopping or None
            What decides when to stop.

        Returns
        -------
        history : dict of str to list of float
            The saved history; without one, the one given.

        Raises
        ------
        ValueError
            The file was saved by a training with another fingerprint.
        """
        self._fingerprint = fingerprint
        self._network = network
        self._history = history
        self._early_stopping = early_stopping
        if self._saved is None:
            return history
        saved = self._saved["fingerprint"]
        changed = [name for name, value in fingerprint.items() if saved.get(name) != value]
        if changed:
            raise ValueError(
                f"checkpoint={str(self.path)!r} was saved by another fit. Not the same:"
                f" {', '.join(changed)}. Remove the file, or give another path."
            )
        network.set_state(self._saved[_STATE])
        return self._saved["history"]

    @property
    def goes_on(self) -> bool:
        """Whether there is a saved training."""
        return self._saved is not None

    @property
    def has_ended(self) -> bool:
        """Whether the saved training was at its end, by early stopping or by a callback."""
        return self._saved is not None and self._saved["has_ended"]

    def on_train_begin(self, logs: Any = None) -> None:
        """Put early stopping back to where it was, after it has put itself to its start."""
        if self._saved is not None and self._early_stopping is not None:
            for name, value in self._saved["early_stopping"].items():
                setattr(self._early_stopping, name, value)
            self._early_stopping.best_weights = self._saved[_BEST]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the file."""
        content: dict[str, Any] = {
            "fingerprint": self._fingerprint,
            "history": self._history,
            "has_ended": bool(self.model.stop_training),
            "early_stopping": {},
        }
        arrays = {_STATE: self._network.get_state(), _BEST: []}
        stopping = self._early_stopping
        if stopping is not None:
            names = ("wait", "best", "best_epoch", "stopped_epoch")
            content["early_stopping"] = {name: getattr(stopping, name) for name in names}
            arrays[_BEST] = stopping.best_weights
        for kind, values in arrays.items():
            content[kind] = [[value.dtype.name, *value.shape] for value in values]
        write_archive(
            self.path,
            {_DOCUMENT: content},
            {
                _member(kind, index): np.asarray(value)
                for kind, values in arrays.items()
                for index, value in enumerate(values)
            },
        )

    def _check_kind(self) -> None:
        if not self.path.exists():
            return
        is_ours = False
        # To open a pipe would wait for a writer; to open a folder says that it is one.
        if self.path.is_file() or self.path.is_dir():
            with self.path.open("rb") as file:
                is_ours = begins_with(file, _DOCUMENT)
        if not is_ours:
            raise ValueError(
                f"checkpoint={str(self.path)!r} is a file of another kind, which would be"
                " replaced."
            )

    @cached_property
    def _saved(self) -> dict[str, Any] | None:
        try:
            with self.path.open("rb") as file:
                archive = ArchiveReader(file)
                content = archive.document(_DOCUMENT)
                for kind in (_STATE, _BEST):
                    content[kind] = [
                        archive.array(_member(kind, index), tuple(shape), np.dtype(dtype))
                        for index, (dtype, *shape) in enumerate(content[kind])
                    ]
                archive.check_all_read()
                return content
        except FileNotFoundError:
            return None
        except (OSError, MemoryError):
            raise
        except Exception as error:  # what zipfile raises for a damaged file is beyond listing
            warnings.warn(
                f"checkpoint={str(self.path)!r} is damaged ({error!r}): the training starts"
                " from its beginning.",
                UserWarning,
                stacklevel=2,
            )
            return None


def digest(*parts: Any) -> str:
    """Return a digest of arrays and of what JSON can hold."""
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, (np.ndarray, np.generic)):
            sha.update(f"{part.dtype.str}{part.shape}".encode())
            sha.update(np.ascontiguousarray(part).data)
        else:
            sha.update(json.dumps(part, sort_keys=True).encode())
    return sha.hexdigest()


def versions() -> str:
    """Return the versions of what computes: other ones compute other last bits."""
    return f"skrnn {__version__}, keras {keras.__version__}, tensorflow {tf.__version__}"


def _member(kind: str, index: int) -> str:
    return f"{kind}/{index}.npy"
