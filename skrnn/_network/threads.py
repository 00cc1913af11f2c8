"""Compiled functions whose ops run on one thread each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def on_one_thread_an_op(function: Any, signature: tuple[tf.TensorSpec, ...]) -> Callable:
    """Wrap a compiled function so that no op of it is divided among intra-op threads.

    Ops that do not depend on each other, as the two directions of an LSTM, still run side by
    side. Neither the user's thread settings nor the results change.

    Parameters
    ----------
    function : tf.types.experimental.ConcreteFunction
        What to wrap.
    signature : tuple of tf.TensorSpec
        Of its arguments.

    Returns
    -------
    function : tf.types.experimental.ConcreteFunction
        The same function of the same arguments.
    """

    # `MapDefun` calls a function for every row of its arguments: here for one row, a number
    # that nobody reads. A call within a call keeps the graph optimizer, which `MapDefun`
    # does not apply to its own function.
    def of_row(row: tf.Tensor, *args: tf.Tensor) -> list[tf.Tensor]:
        return tf.nest.flatten(function(*args))

    row_spec = tf.TensorSpec((), tf.int32)
    mapped = tf.function(of_row, autograph=False).get_concrete_function(row_spec, *signature)

    def limited(*args: tf.Tensor) -> Any:
        columns = tf.raw_ops.MapDefun(
            arguments=[tf.zeros((1,), tf.int32)],
            captured_inputs=[*args, *mapped.captured_inputs],
            output_types=[output.dtype for output in mapped.outputs],
            output_shapes=[output.shape for output in mapped.outputs],
            f=mapped,
            max_intra_op_parallelism=1,
        )
        return tf.nest.pack_sequence_as(
            function.structured_outputs, [column[0] for column in columns]
        )

    return tf.function(limited, autograph=False).get_concrete_function(*signature)
