"""The fused LSTM: Keras' layer with the whole recurrence in one TensorFlow op."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.framework import ops as tf_ops
from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext


@keras.saving.register_keras_serializable(package="skrnn")
class FusedLSTM(keras.layers.LSTM):
    """`keras.layers.LSTM` that runs its recurrence in one CPU op.

    Weights, configuration, outputs and gradients are those of the parent; only the
    time is not. Where the op does not apply the parent's own loop runs: a GPU is
    visible (cuDNN is faster there), activations other than tanh and sigmoid, dropout
    inside the layer, no bias, ``unroll=True``, XLA, a dtype other than float32 and
    float16, and a mask that is not promised to be right-padded.

    Parameters
    ----------
    *args : tuple
        Positional arguments of `keras.layers.LSTM`.
    right_padded : bool, default=False
        Promise that in every mask the valid steps come first. Masks that break the
        promise give wrong results without an error.
    **kwargs : dict
        Keyword arguments of `keras.layers.LSTM`.

    Notes
    -----
    The op is TensorFlow's ``BlockLSTM``, the first version: the CPU gradient of
    ``BlockLSTMV2`` does not match its forward pass.

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural
       Computation 9(8), 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import FusedLSTM
    >>> tuple(FusedLSTM(4)(np.zeros((2, 3, 5), dtype="float32")).shape)
    (2, 4)
    """

    def __init__(self, *args: Any, right_padded: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.right_padded = right_padded

    def get_config(self) -> dict[str, Any]:
        """Return the parent's configuration and the promise about masks."""
        return {**super().get_config(), "right_padded": self.right_padded}

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, list[Any]]:
        """Run all time steps and return the last output, all outputs, the states."""
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        # An interruption of another trace may have left its masks on the cell.
        self._maybe_reset_dropout_masks(self.cell)
        if not self._is_fusible(mask):
            if training:
                super()._maybe_config_dropout_masks(self.cell, sequences[:, 0, :], initial_state)
            return super().inner_loop(sequences, initial_state, mask, training)
        if mask is None:
            return self._run_whole(sequences, *initial_state)
        h0, c0 = initial_state
        return self._run_masked(sequences, h0, c0, tf.cast(mask, tf.bool))

    def _maybe_config_dropout_masks(self, *args: Any) -> None:
        """Draw nothing: the parent draws for predictions too, which changes the layer."""

    def _is_fusible(self, mask: Any) -> bool:
        return (
            self.cell.activation is keras.activations.tanh
            and self.cell.recurrent_activation is keras.activations.sigmoid
            and self.cell.use_bias
            and not self.cell.dropout
            and not self.cell.recurrent_dropout
            and not self.unroll
            and self.compute_dtype in ("float32", "float16")
            and (mask is None or self.right_padded)
            and not tf.config.list_physical_devices("GPU")
            and not GraphOrParentsInXlaContext(tf_ops.get_default_graph())
        )

    def _run_whole(self, sequences: Any, h0: Any, c0: Any) -> tuple[Any, ...]:
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1])
        h, c = self._block_lstm(_swap_time_and_batch(sequences), h0, c0)
        return h[-1], _swap_time_and_batch(h), [h[-1], c[-1]]

    def _run_masked(self, sequences: Any, h0: Any, c0: Any, mask: Any) -> tuple[Any, ...]:
        lengths = tf.math.count_nonzero(mask, axis=1, dtype=tf.int32)
        x = _swap_time_and_batch(sequences)
        if self.go_backwards:
            backwards = _backwards_index(lengths, tf.shape(x)[0])
            x = _take_rows(x, backwards)
        h, c = self._block_lstm(x, h0, c0)

        # What Keras' layer is going to drop is not computed, because ops take time to trace. What
        # went in stands in its place.
        states = [h0, c0]
        fills = not self.go_backwards and not self.zero_output_for_mask
        if not self.return_sequences or self.return_state or self.stateful or fills:
            has_steps = (lengths > 0)[:, tf.newaxis]
            n_rows = tf.shape(lengths)[0]
            last_valid = tf.stack([tf.maximum(lengths - 1, 0), tf.range(n_rows)], axis=1)
            last_h = tf.gather_nd(h, last_valid)
        if self.return_state or self.stateful:
            last_c = tf.gather_nd(c, last_valid)
            states = [tf.where(has_steps, last_h, h0), tf.where(has_steps, last_c, c0)]
        if not self.return_sequences:
            # Keras' loop ends with the output of the last step, be it a masked one.
            ends_masked = self.zero_output_for_mask and not self.go_backwards
            has_output = mask[:, -1:] if ends_masked else has_steps
            return tf.where(has_output, last_h, tf.zeros_like(last_h)), sequences, states

        # What Keras' loop leaves at a masked step: nothing before the first valid
        # step, which is where the padding lies when time runs backwards.
        filler = tf.zeros((), h.dtype)
        if self.go_backwards:
            h = _take_rows(h, backwards)
        elif fills:
            filler = tf.where(has_steps, last_h, filler)[:, tf.newaxis, :]
        outputs = _swap_time_and_batch(h)
        outputs = tf.where(mask[:, :, tf.newaxis], outputs, filler)
        if self.go_backwards:
            outputs = tf.reverse(outputs, [1])
        return h0, outputs, states

    def _block_lstm(self, x: Any, h0: Any, c0: Any) -> tuple[Any, Any]:
        kernel, recurrent_kernel, bias = (
            tf.cast(variable, self.compute_dtype)
            for variable in (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        )
        n_rows = tf.shape(x)[1]
        # The op logs a line for every odd batch where a width is odd too.
        needs_even_batch = x.shape[-1] % 2 or self.units % 2
        if needs_even_batch:
            x = tf.pad(x, [[0, 0], [0, n_rows % 2], [0, 0]])
            h0, c0 = (tf.pad(state, [[0, n_rows % 2], [0, 0]]) for state in (h0, c0))
        no_peephole = tf.zeros([self.units], self.compute_dtype)
        result = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.cast(tf.shape(x)[0], tf.int64),
            x=x,
            cs_prev=c0,
            h_prev=h0,
            w=_swap_gates(tf.concat([kernel, recurrent_kernel], axis=0)),
            wci=no_peephole,
            wcf=no_peephole,
            wco=no_peephole,
            b=_swap_gates(bias),
            forget_bias=0.0,
            cell_clip=-1.0,
            use_peephole=False,
        )
        if needs_even_batch:
            return result.h[:, :n_rows], result.cs[:, :n_rows]
        return result.h, result.cs


def _swap_gates(weights: Any) -> Any:
    """Go from Keras' gate order (i, f, c, o) to the op's (i, c, f, o)."""
    i, f, c, o = tf.split(weights, 4, axis=-1)
    return tf.concat([i, c, f, o], axis=-1)


def _swap_time_and_batch(x: Any) -> Any:
    return tf.transpose(x, [1, 0, 2])


def _backwards_index(lengths: Any, n_steps: Any) -> Any:
    """Return where every row of a flat (time, batch) array goes when time runs backwards.

    Every sequence is turned around within its own length; padding stays.
    """
    steps = tf.range(n_steps)[:, tf.newaxis]
    steps = tf.where(steps < lengths, lengths - 1 - steps, steps)
    n_sequences = tf.shape(lengths)[0]
    return tf.reshape(steps * n_sequences + tf.range(n_sequences), [-1])


def _take_rows(x: Any, index: Any) -> Any:
    """Reorder the rows of (time, batch, width) by an index that is its own inverse.

    Sending row i to ``index[i]`` is then the same as fetching it from there. Both this op
    and its gradient, a gather, copy whole rows: ``tf.reverse_sequence`` goes value by value,
    and the gradient of a gather adds up slices. A gradient of our own would be kept by
    TensorFlow for the life of the process, together with the graph around it.
    """
    flat = tf.reshape(x, [-1, x.shape[-1]])
    return tf.reshape(tf.dynamic_stitch([index], [flat]), tf.shape(x))
