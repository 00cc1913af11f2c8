"""Adam in one op per variable, and on embeddings only for the rows of a batch."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="skrnn")
class LazyAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` that leaves the rows of an embedding alone that a batch lacks.

    Dense variables are updated by TensorFlow's fused op, with the parent's results.
    For a row of an embedding the moments decay only in the steps that use it, and the
    bias correction counts all steps: the variant that large vocabularies are usually
    trained with, because the cost no longer grows with the vocabulary.

    Parameters
    ----------
    **kwargs : dict
        Keyword arguments of `keras.optimizers.Adam`.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization",
       ICLR 2015.
    """

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Update all variables."""
        self._powers: dict[tf.DType, tuple[tf.Tensor, tf.Tensor]] = {}
        try:
            super().apply([_one_slice_a_row(gradient) for gradient in grads], trainable_variables)
        finally:
            self._powers = {}  # tensors keep their graph in memory

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        # Keras' own form turns the gradient of an embedding into a dense one.
        if self.global_clipnorm and not self.clipnorm:
            return tf.clip_by_global_norm(grads, self.global_clipnorm)[0]
        return super()._clip_gradients(grads)

    def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
        # One replica has nothing to add up. The call would register a custom gradient, which
        # TensorFlow keeps for the life of the process together with the graph around it.
        if tf.distribute.get_strategy().num_replicas_in_sync == 1:
            return grads_and_vars
        return super()._all_reduce_sum_gradients(grads_and_vars)

    def update_step(self, gradient: Any, variable: tf.Variable, learning_rate: Any) -> None:
        """Update one variable."""
        if self.amsgrad or not hasattr(variable, "handle"):
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index].value, self._velocities[index].value
        dtype = variable.dtype
        rate = tf.cast(learning_rate, dtype)
        beta_1, beta_2 = tf.constant(self.beta_1, dtype), tf.constant(self.beta_2, dtype)
        if dtype not in self._powers:
            step = tf.cast(self.iterations + 1, dtype)
            self._powers[dtype] = tf.pow(beta_1, step), tf.pow(beta_2, step)
        beta_1_power, beta_2_power = self._powers[dtype]
        if not isinstance(gradient, tf.IndexedSlices):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=momentum.handle,
                v=velocity.handle,
                beta1_power=beta_1_power,
                beta2_power=beta_2_power,
                lr=rate,
                beta1=beta_1,
                beta2=beta_2,
                epsilon=tf.constant(self.epsilon, dtype),
                grad=tf.cast(gradient, dtype),
            )
            return
        rows, values = gradient.indices, tf.cast(gradient.values, dtype)
        m = tf.gather(momentum, rows)
        v = tf.gather(velocity, rows)
        m += (values - m) * (1 - beta_1)
        v += (tf.square(values) - v) * (1 - beta_2)
        momentum.scatter_update(tf.IndexedSlices(m, rows))
        velocity.scatter_update(tf.IndexedSlices(v, rows))
        rate *= tf.sqrt(1 - beta_2_power) / (1 - beta_1_power)
        variable.scatter_sub(tf.IndexedSlices(m * rate / (tf.sqrt(v) + self.epsilon), rows))


def _one_slice_a_row(gradient: Any) -> Any:
    """Add up the slices of a sparse gradient that belong to the same row."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, positions = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, positions, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
