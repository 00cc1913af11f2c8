"""The network's logits as a function of the tokens' vectors, and their gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from .._data.sequences import PADDING, UNKNOWN, Sequences
from .._network.inference import _chunks

if TYPE_CHECKING:
    from .._network.network import Network


class Logits:
    """What a network says before softmax or sigmoid.

    Parameters
    ----------
    network : Network
        A trained network that reads tokens.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        ids, floats, ints = (
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        )
        self._logits = network._compile(lambda x: self._apply(self._embed(x), x), ids)
        self._slopes = network._compile(self._trace_slopes, ids, ints, floats)

    def of_all(self, sequences: Sequences, n_outputs: int) -> np.ndarray:
        """Return the logits of all classes, of shape (n_sequences, n_outputs)."""
        logits = np.empty((len(sequences), n_outputs), dtype=np.float32)
        for rows in _chunks(sequences.lengths):
            logits[rows] = self._logits(sequences.padded(rows)).numpy()[:, :n_outputs]
        return logits

    def slopes(
        self, sequences: Sequences, targets: np.ndarray, shares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return logits, and how fast every token changes them, on the way to the text.

        The way leads from the unknown token at every step straight to the vectors of
        the text.

        Parameters
        ----------
        sequences : Sequences
            Tokens.
        targets : ndarray of shape (n_sequences,)
            The class, by index, whose logit is asked for.
        shares : ndarray of shape (n_sequences,)
            How far on the way, from 0 to 1.

        Returns
        -------
        logits : ndarray of shape (n_sequences,)
            Logits at these points.
        slopes : ndarray of shape (n_steps,)
            Gradient times the way of every token, in the order of ``sequences.values``.
        """
        logits = np.empty(len(sequences), dtype=np.float32)
        slopes = np.empty(len(sequences.values), dtype=np.float32)
        for rows in _chunks(sequences.lengths):
            steps = sequences.padded(rows)
            logits[rows], rates = self._slopes(
                steps, targets[rows].astype(np.int32), shares[rows].astype(np.float32)
            )
            is_token = np.arange(steps.shape[1]) < sequences.lengths[rows][:, np.newaxis]
            slopes[sequences._steps_of(rows, sequences.lengths[rows])] = rates.numpy()[is_token]
        return logits, slopes

    def _trace_slopes(self, ids: tf.Tensor, targets: tf.Tensor, shares: tf.Tensor) -> Any:
        start = self._embed(tf.constant([UNKNOWN]))
        way = self._embed(ids) - start
        point = start + tf.cast(shares, way.dtype)[:, tf.newaxis, tf.newaxis] * way
        with tf.GradientTape() as tape:
            tape.watch(point)
            logits = tf.gather(self._apply(point, ids), targets, batch_dims=1)
        return logits, tf.reduce_sum(tf.cast(tape.gradient(logits, point) * way, tf.float32), 2)

    def _embed(self, ids: tf.Tensor) -> tf.Tensor:
        return self.network.model.get_layer("embedding")(ids)

    def _apply(self, steps: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Walk through the layers that follow the embedding."""
        a, layer = self.network.architecture, self.network.model.get_layer
        mask = tf.not_equal(ids, PADDING)
        for index in range(len(a.units)):
            name = f"bidirectional_{index}" if a.bidirectional else f"lstm_{index}"
            steps = layer(name)(steps, mask=mask, training=False)
        if a.pooling != "last":
            pooled = [layer(name)(steps, mask=mask) for name in a.pooling.split("+")]
            steps = tf.concat(pooled, axis=1)
        output = layer("output")
        return tf.cast(steps, tf.float32) @ output.kernel + output.bias
