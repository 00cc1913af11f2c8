"""Training under a strategy of `tf.distribute`: a copy of the network on every device."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from .architecture import Architecture
from .network import Network


class ReplicatedNetwork(Network):
    """A network with a copy on every device of the strategy in scope.

    Every copy takes its part of a batch, and the sum of the gradients updates all.
    Keras clips the gradients of a copy before they are added up. Adam is Keras' own:
    the row-wise one cannot add up the rows of several copies.

    Parameters
    ----------
    architecture : Architecture
        Of the network that is trained.
    """

    def __init__(self, architecture: Architecture) -> None:
        config = json.loads(architecture.optimizer)
        if config["class_name"] == "LazyAdam":
            stock = {"module": "keras.optimizers", "class_name": "Adam", "registered_name": None}
            architecture = replace(architecture, optimizer=json.dumps(config | stock))
        super().__init__(architecture)
        self._strategy = tf.distribute.get_strategy()

    def _compile_train_step(
        self, twice: bool, weights_ndim: int
    ) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        strategy = self._strategy
        n_parts = strategy.num_replicas_in_sync

        def step(
            steps: Any,
            targets: Any,
            weights: Any,
            loss_share: Any,
            accuracy_share: Any,
            consistency: Any,
            label_smoothing: Any,
        ) -> list[tf.Tensor]:
            loss, accuracy = self._descend(
                steps, targets, weights, consistency, label_smoothing, loss_share, twice=twice
            )
            shares = [loss * loss_share, accuracy * accuracy_share]
            return tf.distribute.get_replica_context().all_reduce("SUM", shares)

        @tf.function(autograph=False, reduce_retracing=True)
        def step_of_all(*parts: Any) -> list[tf.Tensor]:
            return [
                strategy.experimental_local_results(output)[0]
                for output in strategy.run(step, parts)
            ]

        def train_step(
            steps: np.ndarray,
            targets: np.ndarray,
            weights: np.ndarray,
            *penalties: float,
        ) -> tuple[tf.Tensor, tf.Tensor]:
            all_rows = np.array_split(np.arange(len(weights)), n_parts)
            parts = [
                [*_part(steps, targets, weights, rows), *map(tf.constant, penalties)]
                for rows in all_rows
            ]
            loss, accuracy = step_of_all(
                *(
                    strategy.experimental_distribute_values_from_function(
                        lambda context, kind=kind: parts[context.replica_id_in_sync_group][kind]
                    )
                    for kind in range(len(parts[0]))
                )
            )
            return loss, accuracy

        return train_step


def _part(
    steps: np.ndarray, targets: np.ndarray, weights: np.ndarray, rows: np.ndarray
) -> list[tf.Tensor]:
    """Return some rows of a batch, and their shares of its rows and of its weights."""
    counts = weights[rows]
    if not len(rows):  # a mean needs something: a sample without weight
        rows, counts = np.array([0]), np.zeros_like(weights[:1])
    share_of_weights = counts.sum() / weights.sum() if weights.any() else np.float32(0)
    shares = np.float32(len(rows) / len(weights)), share_of_weights
    return [tf.constant(value) for value in (steps[rows], targets[rows], counts, *shares)]
