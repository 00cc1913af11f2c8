"""A compiled function whose ops are not divided among threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import joblib
import tensorflow as tf

# Up to so many units of a layer, threads cost more than they gain in a matrix product.
_NARROW = 128


def one_thread_pays(units: int) -> bool:
    """Return whether the ops of layers of so many units are to be kept from sharing threads.

    Not where they have one thread anyhow, and not where the user has functions run op by op,
    as in debugging: a data pipeline does not follow that, and warns.
    """
    return (
        units <= _NARROW
        and tf.config.threading.get_intra_op_parallelism_threads() != 1
        and os.environ.get("TF_NUM_INTRAOP_THREADS") != "1"
        and joblib.cpu_count() > 1
        and not tf.config.list_physical_devices("GPU")
        and not tf.config.functions_run_eagerly()
    )


def on_one_thread_an_op(
    function: Callable[..., tuple[tf.Tensor, ...]], *signature: tf.TensorSpec
) -> Callable[..., tuple[tf.Tensor, ...]]:
    """Wrap a compiled function so that no op of it is divided among threads.

    Ops that do not depend on each other, as the two directions of an LSTM, still run side by
    side. The user's thread settings and the results stay as they are. Two threads must not
    call the wrapped function at once.

    Parameters
    ----------
    function : tf.types.experimental.ConcreteFunction
        What to wrap. It returns a tuple of tensors.
    *signature : tf.TensorSpec
        Of its arguments.

    Returns
    -------
    function : callable
        Takes the same arguments and returns the same tuple.
    """
    # A data pipeline is what has a limit of threads of its own. Each element of this one is a
    # call of the function, which reads its arguments from variables.
    holders = [
        tf.Variable(
            tf.zeros([size or 0 for size in spec.shape], spec.dtype),
            shape=spec.shape,
            trainable=False,
        )
        for spec in signature
    ]
    options = tf.data.Options()
    options.threading.max_intra_op_parallelism = 1
    # Nothing may run ahead of the arguments.
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    calls = tf.data.Dataset.from_tensors(0).repeat()

    @tf.autograph.experimental.do_not_convert  # there is nothing to convert
    def call(_: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return function(*(holder.read_value() for holder in holders))

    calls = calls.map(call)
    results = iter(calls.with_options(options))

    def limited(*args: Any) -> tuple[tf.Tensor, ...]:
        for holder, arg in zip(holders, args, strict=True):
            holder.assign(arg)
        return next(results)

    return limited
