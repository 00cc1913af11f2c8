"""Training under a strategy of `tf.distribute`: a copy of the network on every device."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
import tensorflow as tf

from ._network import Architecture, Network


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

    @cached_property
    def train_step(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        """One step of the optimizer: (steps, targets, weights) to (loss, accuracy)."""
        strategy = self._strategy
        n_parts = strategy.num_replicas_in_sync

        def step(steps, targets, weights, loss_share, accuracy_share):
            # Keras divides the loss of a copy by the number of copies.
            loss, accuracy = self._descend(steps, targets, weights, loss_share * n_parts)
            shares = [loss * loss_share * n_parts, accuracy * accuracy_share]
            return tf.distribute.get_replica_context().all_reduce("SUM", shares)

        @tf.function(autograph=False, reduce_retracing=True)
        def step_of_all(*parts):
            return [
                strategy.experimental_local_results(output)[0]
                for output in strategy.run(step, parts)
            ]

        def train_step(steps, targets, weights):
            rows = np.array_split(np.arange(len(weights)), n_parts)

            def part_of(context):
                index = rows[context.replica_id_in_sync_group]
                counts = weights[index]
                if not len(index):  # a mean needs something: a sample without weight
                    index, counts = [0], np.zeros(1, np.float32)
                shares = len(index) / len(weights), counts.sum() / weights.sum()
                values = steps[index], targets[index], counts, *np.float32(shares)
                return tuple(map(tf.constant, values))

            parts = [part_of_one_kind(part_of, kind) for kind in range(5)]
            return step_of_all(*parts)

        def part_of_one_kind(part_of, kind):
            return strategy.experimental_distribute_values_from_function(
                lambda context: part_of(context)[kind]
            )

        return train_step
