"""What follows the epochs of a fit: Keras' callbacks, scikit-learn's, and our own."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from .._network.network import Network
from .._network.pool import borrow

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn < 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """There are no callbacks to support."""

    def with_callbacks(method: Callable) -> Callable:
        """Return the method as it is."""
        return method


__all__ = [
    "CallbackSupportMixin",
    "LastEpoch",
    "ScikitLearnTasks",
    "copy_callbacks",
    "with_callbacks",
]

if TYPE_CHECKING:
    from .._classifier import LSTMTextClassifier


def copy_callbacks(callbacks: Any) -> list[keras.callbacks.Callback]:
    """Return copies of a user's Keras callbacks.

    Parameters
    ----------
    callbacks : keras.callbacks.Callback, list of them or None
        The parameter of the classifier.

    Returns
    -------
    copies : list of keras.callbacks.Callback
        A callback holds the state of one training.
    """
    if callbacks is None:
        return []
    if isinstance(callbacks, keras.callbacks.Callback):
        callbacks = [callbacks]
    strangers = [item for item in callbacks if not isinstance(item, keras.callbacks.Callback)]
    if strangers:
        raise ValueError(
            "callbacks must be instances of keras.callbacks.Callback, got"
            f" {strangers[0]!r}. Callbacks of scikit-learn are given to set_callbacks."
        )
    return deepcopy(list(callbacks))


class ScikitLearnTasks(keras.callbacks.Callback):
    """Tells scikit-learn's callbacks of the fit, and of every epoch as a task within it.

    Parameters
    ----------
    clf : LSTMTextClassifier
        The classifier on which `fit` was called.
    twin : LSTMTextClassifier
        The one that is being fitted; its ``history_`` grows with the epochs.
    epochs : int
        The largest number of epochs.
    data : dict of str to object
        X, y and metadata, as they were given to `fit`.
    """

    def __init__(
        self,
        clf: LSTMTextClassifier,
        twin: LSTMTextClassifier,
        epochs: int,
        data: dict[str, Any],
    ) -> None:
        super().__init__()
        self._twin = twin
        self._fit = clf._init_callback_context(max_subtasks=epochs)
        # The twin's attributes become the classifier's before the callbacks' teardown.
        for name in ("_callback_fit_ctx", "_skl_callbacks_to_teardown"):
            setattr(twin, name, getattr(clf, name))
        self._arguments = {"estimator": clf, **data}

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin the task of the fit."""
        self._fit.call_on_fit_task_begin(**self._arguments)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin the task of an epoch."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """End the task of an epoch; a callback can ask for the end of the training."""
        self.model.stop_training |= self._epoch.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=self._fitted_attributes
        )

    def on_train_end(self, logs: Any = None) -> None:
        """End the task of the fit."""
        self._fit.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=self._fitted_attributes
        )

    def _fitted_attributes(self) -> dict[str, Any]:
        """Return what makes a classifier that predicts as the network does now."""
        loan = borrow(self._twin._loan.used)
        loan.network.set_state(self._twin._loan.network.get_state())
        history = {name: list(values) for name, values in self._twin.history_.items()}
        return {
            **vars(self._twin),
            "history_": history,
            "n_iter_": self._twin.current_epoch,
            "_loan": loan,
        }


class LastEpoch(keras.callbacks.Callback):
    """Keeps the state at the end of the last epoch, to go back to.

    Parameters
    ----------
    network : Network
        What is trained.
    history : dict of str to list of float
        What grows with the epochs.
    """

    def __init__(self, network: Network, history: dict[str, list[float]]) -> None:
        super().__init__()
        self._network = network
        self._history = history
        self._kept: tuple[list[np.ndarray], int] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Copy weights, random generators and optimizer."""
        self._kept = self._network.get_state(), len(self._history["loss"])

    def restore(self) -> bool:
        """Go back to the end of the last epoch; return whether there was one."""
        if self._kept is None:
            return False
        state, n_epochs = self._kept
        self._network.set_state(state)
        for values in self._history.values():
            del values[n_epochs:]
        return True
