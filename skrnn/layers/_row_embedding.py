"""An embedding that reads the rows of a batch, and never its whole table."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="skrnn")
class RowEmbedding(keras.layers.Embedding):
    """`keras.layers.Embedding` whose time does not grow with the vocabulary.

    The parent reads its table before it takes rows of it. TensorFlow copies a variable for every
    such read as soon as single rows of it have been updated, as in row-wise training. The
    parameters are those of the parent.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import RowEmbedding
    >>> tuple(RowEmbedding(5, 3)(np.array([[1, 4]])).shape)
    (1, 2, 3)
    """

    def add_weight(self, *args: Any, **kwargs: Any) -> keras.Variable:
        """Make the table, of which Keras would cast all rows in half precision."""
        return super().add_weight(*args, **{**kwargs, "autocast": False})

    def call(self, inputs: Any) -> Any:
        """Return vectors of shape (..., output_dim)."""
        if self.lora_enabled:  # the table is a sum
            return super().call(inputs)
        ids = inputs if inputs.dtype in ("int32", "int64") else ops.cast(inputs, "int32")
        return ops.cast(tf.gather(self.embeddings.value, ids), self.compute_dtype)
