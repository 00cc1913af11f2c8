"""The epochs of a fit: batches in, history out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import keras
import numpy as np
import tensorflow as tf
from sklearn.exceptions import ConvergenceWarning

from .._data.batches import Batches
from .._data.samples import Samples
from .._network.build import rate_of
from .._network.inference import predict_outputs
from .._network.network import Network
from .._network.replicas import ReplicatedNetwork
from .._network.strategies import outside_of_strategies
from .callbacks import LastEpoch
from .plan import Plan
from .schedule import WARM_UP, Schedule

History = dict[str, list[float]]


class _Rates:
    """Sets the scheduled learning rates until a callback sets one of its own.

    Parameters
    ----------
    schedule : Schedule
        The rates.
    optimizer : keras.optimizers.Optimizer
        What callbacks see.
    first_epoch : int
        Where training begins.
    """

    def __init__(
        self, schedule: Schedule, optimizer: keras.optimizers.Optimizer, first_epoch: int
    ) -> None:
        self.schedule = schedule
        self._optimizer = optimizer
        # Else it follows a schedule of its own, which cannot be replaced.
        self._takes_rates = rate_of(optimizer) is not None
        first = schedule.rate(first_epoch, 0.0)
        self._is_scheduled = schedule.kind is not None and first is not None
        if first is not None:
            self._set(first)

    def update(self, optimizer: keras.optimizers.Optimizer, epoch: int, share: float) -> None:
        """Set the rate after a share of an epoch, also for an optimizer of replicas."""
        if self._is_scheduled and self._optimizer.learning_rate.numpy() != self._last:
            self._is_scheduled = False
        if self._is_scheduled:
            self._set(self.schedule.rate(epoch, share))
        if optimizer is not self._optimizer and self._takes_rates:
            optimizer.learning_rate = self._optimizer.learning_rate.numpy()

    def _set(self, rate: float | None) -> None:
        self._optimizer.learning_rate = rate
        self._last = self._optimizer.learning_rate.numpy()


def train(
    network: Network,
    batches: Batches,
    plan: Plan,
    *,
    history: History,
    validation: Samples | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    last_complete: LastEpoch | None = None,
    verbose: int = 0,
) -> None:
    """Train a network in place.

    Parameters
    ----------
    network : Network
        The network.
    batches : Batches
        The training data.
    plan : Plan
        How long and how to train.
    history : dict of str to list of float
        Of the epochs that the network has behind it. It grows by one value an epoch of
        loss and accuracy, and the same for the validation data.
    validation : Samples or None, default=None
        Data to judge the network with after every epoch.
    callbacks : iterable of keras.callbacks.Callback, default=()
        Called as by `keras.Model.fit`. A learning rate that one of them sets takes the
        place of the schedule from then on.
    last_complete : LastEpoch or None, default=None
        The one of the callbacks with which the training ends where it is interrupted; None:
        it raises.
    verbose : int, default=0
        As in `keras.Model.fit`: 0 nothing, 1 a progress bar, 2 a line an epoch.
    """
    model = network.model
    model.stop_training = False
    model._initial_epoch = None  # Keras' BackupAndRestore sets it
    last_epoch = plan.last_epoch
    first_epoch = len(history.get("loss", ()))
    hooks = keras.callbacks.CallbackList(
        list(callbacks),
        add_progbar=verbose > 0,
        model=model,
        verbose=verbose,
        epochs=last_epoch,
        steps=len(batches),
    )
    rates = _Rates(plan.schedule, model.optimizer, first_epoch)
    hooks.on_train_begin()
    # A callback of Keras may have put the network to the end of another epoch.
    first_epoch = max(first_epoch, model._initial_epoch or 0)
    if model._initial_epoch:
        # It has put back the rate, too: where that is the schedule's, the schedule goes on.
        rate = float(model.optimizer.learning_rate)
        if plan.schedule.has_set(rate, first_epoch - 1, len(batches)):
            rates = _Rates(plan.schedule, model.optimizer, first_epoch)
    # Between the epochs, evaluation and callbacks use the ordinary network.
    copies = ReplicatedNetwork(network.architecture) if tf.distribute.has_strategy() else None
    logs: dict[str, float] = {}
    try:
        for epoch in range(first_epoch, last_epoch):
            hooks.on_epoch_begin(epoch)
            if copies is not None:
                copies.set_state(network.get_state())
            logs = _train_epoch(copies or network, batches, plan, epoch, rates, hooks)
            if copies is not None:
                network.set_state(copies.get_state())
            if validation is not None:
                hooks.on_test_begin()
                hooks.on_test_batch_begin(0)
                val_logs = _evaluate(network, validation)
                hooks.on_test_batch_end(0, val_logs)
                hooks.on_test_end(val_logs)
                logs |= {f"val_{name}": value for name, value in val_logs.items()}
                _check_finite(logs, epoch, last_epoch)
            for name in {**history, **logs}:
                values = history.setdefault(name, [])
                values += [np.nan] * (epoch - len(values))  # not measured before
                values.append(logs.get(name, np.nan))
            hooks.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    except KeyboardInterrupt:
        n_kept = None if last_complete is None else last_complete.restore()
        if n_kept is None:
            raise
        for values in history.values():
            del values[n_kept:]
        warnings.warn(
            f"The training was interrupted and has not converged: what it had after"
            f" {len(history['loss'])} of {last_epoch} epochs is kept.",
            ConvergenceWarning,
            stacklevel=2,
        )
    if last_epoch > 0:
        variables = model.trainable_variables
        # Averages, where it has them.
        outside_of_strategies(model.optimizer.finalize_variable_values, variables)
        sizes = {variable.path: float(np.abs(variable.numpy()).max()) for variable in variables}
        _check_finite(sizes, last_epoch - 1, last_epoch)
    hooks.on_train_end(logs)


def _check_finite(values: dict[str, float], epoch: int, last_epoch: int) -> None:
    """Raise ValueError where training has diverged."""
    for name, value in values.items():
        if not np.isfinite(value):
            raise ValueError(
                f"Training diverged in epoch {epoch + 1} of {last_epoch}: {name} is {value}. A"
                " smaller learning_rate, smaller weights or numbers of a smaller scale help."
            )


def _evaluate(network: Network, held_out: Samples) -> dict[str, float]:
    """Return loss and accuracy of held-out data."""
    outputs = predict_outputs(network, held_out.sequences)
    targets, _, late_weights = held_out.labels
    loss, accuracy = network.evaluate(outputs, targets, late_weights)
    return {"loss": loss, "accuracy": accuracy}


def _train_epoch(
    network: Network,
    batches: Batches,
    plan: Plan,
    epoch: int,
    rates: _Rates,
    hooks: keras.callbacks.CallbackList,
) -> dict[str, float]:
    sums, totals = np.zeros(2), np.zeros(2)
    logs: dict[str, float] = {}
    schedule = plan.schedule
    for index, (steps, targets, weights) in enumerate(
        batches.epoch(epoch, late=schedule.is_late(epoch), in_part=schedule.is_early(epoch))
    ):
        hooks.on_train_batch_begin(index)
        share = min(index / len(batches), 1.0)  # divided batches are more than were planned
        if schedule.epochs * len(batches) == 1:
            share = WARM_UP  # the only step of a cycle takes the highest rate
        rates.update(network.model.optimizer, epoch, share)
        loss, accuracy = network.train_step(
            steps, targets, weights, plan.consistency, plan.label_smoothing
        )
        shares = np.array([len(weights), weights.sum()])
        sums += shares * (float(loss), float(accuracy))
        totals += shares
        # In float32 the weights of the first batch may all be 0.
        means = np.divide(sums, totals, out=np.zeros(2), where=totals > 0)
        logs = dict(zip(("loss", "accuracy"), means.tolist(), strict=True))
        hooks.on_train_batch_end(index, logs)
        _check_finite(logs, epoch, hooks.params["epochs"])
        if hooks.model.stop_training:
            break
    return logs
