"""The network's logits as a function of the tokens' vectors, and their gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .._data.sequences import PADDING, UNKNOWN, Sequences
from .._network.build import names_from_the_start
from .._network.first_stages import WordVectors
from .._network.inference import apply_in_chunks, chunks
from .._network.network import Network
from .._network.stages import first_stage_of, stages_of


class Logits:
    """The outputs of a network before softmax or sigmoid.

    `follow` has to be called where the network may have learnt since.

    Parameters
    ----------
    network : Network
        A trained network that reads tokens.
    """

    @names_from_the_start()
    def __init__(self, network: Network) -> None:
        self.network = network
        first = first_stage_of(network.architecture)
        assert isinstance(first, WordVectors)
        vectors = network.model.get_layer(first.last_layer).output
        self._vectors = keras.Model(network.model.inputs, vectors)
        self._rest = _after_vectors(network, vectors)
        paths = {variable.path: variable for variable in network.model.variables}
        self._copied = [
            (variable, paths[variable.path])
            for variable in self._rest.variables
            if variable.path in paths
        ]
        ids, floats, ints = (
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        )
        self._logits = network.compile(lambda x: self._apply(self._embed(x), x), ids)
        self._slopes = network.compile(self._trace_slopes, ids, ints, floats)

    def follow(self) -> None:
        """Take over the weights that the network has now."""
        for copied, variable in self._copied:
            copied.assign(variable)

    def of_all(self, sequences: Sequences) -> np.ndarray:
        """Return the logits of all classes, of shape (n_sequences, n_outputs)."""
        return _of_all(self.network, self._logits, sequences)

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
        # Steps of a word's parts have no score: the word has it.
        is_word = sequences.values > PADDING
        return _slopes_of_all(self._slopes, sequences, is_word, targets, shares)

    def _trace_slopes(self, ids: tf.Tensor, targets: tf.Tensor, shares: tf.Tensor) -> Any:
        start = self._embed(tf.constant([[UNKNOWN]]))[0]
        way = self._embed(ids) - start
        point = start + tf.cast(shares, way.dtype)[:, tf.newaxis, tf.newaxis] * way
        with tf.GradientTape() as tape:
            tape.watch(point)
            logits = tf.gather(self._apply(point, ids), targets, batch_dims=1)
        return logits, tf.reduce_sum(tf.cast(tape.gradient(logits, point) * way, tf.float32), 2)

    def _embed(self, ids: tf.Tensor) -> tf.Tensor:
        # Without the mask that Keras attaches to the output of the layer.
        return tf.identity(self._vectors(ids, training=False))

    def _apply(self, steps: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Apply the layers that follow the embedding."""
        n_words = tf.reduce_sum(tf.cast(ids > PADDING, tf.int32), axis=1)
        mask = tf.sequence_mask(n_words, tf.shape(steps)[1])
        pooled = self._rest(steps, mask=mask, training=False)
        output = self.network.model.get_layer("output")
        return tf.cast(pooled, tf.float32) @ output.kernel + output.bias


def _of_all(network: Network, logits_of: Callable, sequences: Sequences) -> np.ndarray:
    """Return the logits of all classes."""

    def logits(steps: np.ndarray) -> np.ndarray:
        return logits_of(steps).numpy()

    return network.without_room(apply_in_chunks(logits, sequences, width_multiple=1))


def _slopes_of_all(
    slopes_of: Callable,
    sequences: Sequences,
    has_slope: np.ndarray,
    targets: np.ndarray,
    shares: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and the slopes of the steps that have one; 0 for the others."""
    logits = np.empty(len(sequences), dtype=np.float32)
    slopes = np.zeros(sequences.values.shape, dtype=np.float32)
    n_slopes = np.diff(np.append(0, np.cumsum(has_slope))[sequences.offsets])
    for rows in chunks(sequences.lengths):
        steps = sequences.steps_of(rows)
        logits[rows], rates = slopes_of(
            sequences.padded(rows), targets[rows].astype(np.int32), shares[rows].astype(np.float32)
        )
        steps = steps[has_slope[steps]]
        slopes[steps] = rates.numpy()[np.arange(rates.shape[1]) < n_slopes[rows, np.newaxis]]
    return logits, slopes


def _after_vectors(network: Network, vectors: keras.KerasTensor) -> keras.Model:
    """Return the stages between the vectors and the output, with weights of their own."""
    _, *stages, _ = stages_of(network.architecture)
    vectors = keras.Input(vectors.shape[1:], dtype=vectors.dtype)
    pooled = vectors
    for stage in stages:
        pooled = stage.train(pooled)
    model = keras.Model(vectors, pooled, name="after_vectors")
    # The layers in it take the mask; Keras does not know that of a model.
    model.supports_masking = True
    return model


class NumberLogits:
    """The outputs of a network before softmax or sigmoid, for steps of numbers.

    Parameters
    ----------
    network : Network
        A trained network that reads numbers.
    """

    @names_from_the_start()
    def __init__(self, network: Network) -> None:
        self.network = network
        self._output = network.model.get_layer("output")
        self._pooled = keras.Model(network.model.inputs, self._output.input)
        steps = network.steps_spec
        means = [v for v in network.model.variables if v.path == "normalization/mean"]
        self._baseline = means[0] if means else tf.zeros(steps.shape[-1])
        ints, floats = tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None,), tf.float32)
        self._logits = network.compile(self._apply, steps)
        self._slopes = network.compile(self._trace_slopes, steps, ints, floats)

    def of_all(self, sequences: Sequences) -> np.ndarray:
        """Return the logits of all classes, of shape (n_sequences, n_outputs)."""
        return _of_all(self.network, self._logits, sequences)

    def slopes(
        self, sequences: Sequences, targets: np.ndarray, shares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the same as `Logits.slopes`, with a slope for every number.

        The way leads from the mean of the training steps, or from zeros where numbers are
        fed as they are, straight to the sequences.
        """
        is_step = np.ones(len(sequences.values), dtype=bool)
        return _slopes_of_all(self._slopes, sequences, is_step, targets, shares)

    def _trace_slopes(self, steps: tf.Tensor, targets: tf.Tensor, shares: tf.Tensor) -> Any:
        baseline = tf.convert_to_tensor(self._baseline)
        way = steps - baseline  # NaN at padding, as in the steps
        point = baseline + shares[:, tf.newaxis, tf.newaxis] * way
        with tf.GradientTape() as tape:
            tape.watch(point)
            logits = tf.gather(self._apply(point), targets, batch_dims=1)
        return logits, tape.gradient(logits, point) * way

    def _apply(self, steps: tf.Tensor) -> tf.Tensor:
        pooled = self._pooled(steps, training=False)
        return tf.cast(pooled, tf.float32) @ self._output.kernel + self._output.bias
