"""Callbacks of a fit: Keras', scikit-learn's and our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import keras

from .._data.brief import brief
from .._network.network import Network


def sets_every_rate(callbacks: Iterable[keras.callbacks.Callback]) -> bool:
    """Return whether one of the callbacks is Keras' `LearningRateScheduler`."""
    return _holds(callbacks, lambda item: isinstance(item, keras.callbacks.LearningRateScheduler))


def check_weights_stay(callbacks: Iterable[keras.callbacks.Callback], kept_by: str) -> None:
    """Refuse a callback that has the averages in place of the weights at the end of an epoch."""
    swaps = keras.callbacks.SwapEMAWeights
    if _holds(callbacks, lambda item: isinstance(item, swaps) and item.swap_on_epoch):
        raise ValueError(
            f"callbacks hold SwapEMAWeights(swap_on_epoch=True), and {kept_by} would keep the"
            " averages for the weights: take swap_on_epoch=False."
        )


def _holds(
    callbacks: Iterable[keras.callbacks.Callback],
    is_meant: Callable[[keras.callbacks.Callback], bool],
) -> bool:
    return any(
        _holds(item.callbacks, is_meant)
        if isinstance(item, keras.callbacks.CallbackList)
        else is_meant(item)
        for item in callbacks
    )


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
    for item in callbacks:
        if isinstance(item, type) and issubclass(item, keras.callbacks.Callback):
            raise ValueError(
                f"callbacks must be instances, got the class {item.__name__}: give"
                f" {item.__name__}(...), with its arguments."
            )
        if not isinstance(item, keras.callbacks.Callback):
            raise ValueError(
                "callbacks must be instances of keras.callbacks.Callback, got"
                f" {brief(item)}. Callbacks of scikit-learn are given to set_callbacks."
            )
    try:
        return deepcopy(list(callbacks))  # in one go: they may share what they collect
    except Exception:
        for item in callbacks:
            _check_can_be_copied(item)
        raise


def _check_can_be_copied(callback: keras.callbacks.Callback) -> None:
    try:
        deepcopy(callback)
    except Exception as error:
        raise TypeError(
            f"The callback {type(callback).__name__} cannot be copied, and every fit copies its"
            f" callbacks: {brief(str(error))}. Let it open files, locks and connections in"
            " on_train_begin, or define __deepcopy__."
        ) from error


class ScikitLearnTasks(keras.callbacks.Callback):
    """Tells scikit-learn's callbacks of the fit, and of every epoch as a task within it.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext
        The context of the fit.
    arguments : dict of str to object
        The arguments of its hooks: estimator, X, y and metadata.
    snapshot : callable
        Returns the model as it is after the epochs so far.
    """

    def __init__(
        self, context: Any, arguments: dict[str, Any], *, snapshot: Callable[[], Any]
    ) -> None:
        super().__init__()
        self._fit = context
        self._arguments = arguments
        self._snapshot = snapshot

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
        return {"_model": self._snapshot()}


class LastEpoch(keras.callbacks.Callback):
    """Keeps the state at the end of the last epoch, to go back to.

    Parameters
    ----------
    network : Network
        What is trained.
    n_epochs : int
        Epochs that it has behind it.
    """

    def __init__(self, network: Network, n_epochs: int) -> None:
        super().__init__()
        self._network = network
        self._kept = (network.get_state(), n_epochs) if n_epochs else None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Copy weights, random generators and optimizer."""
        self._kept = self._network.get_state(), epoch + 1

    def restore(self) -> int | None:
        """Go back to the end of the last epoch and return its number; None without one."""
        if self._kept is None:
            return None
        state, n_epochs = self._kept
        self._network.set_state(state)
        return n_epochs
