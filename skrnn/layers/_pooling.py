"""Pooling over time that leaves padding out."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="skrnn")
class MaskedMaxPooling1D(keras.layers.GlobalMaxPooling1D):
    """`keras.layers.GlobalMaxPooling1D` that honours the mask.

    The largest value of every feature over the valid steps of a sequence. Keras'
    layer takes the padding into account, so that a text's result would depend on the
    longest text of its batch.

    Parameters
    ----------
    **kwargs : dict
        Keyword arguments of `keras.layers.GlobalMaxPooling1D`; only
        ``data_format="channels_last"`` is supported.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import MaskedMaxPooling1D
    >>> steps = np.array([[[-2.0], [-1.0], [0.0]]], dtype="float32")
    >>> mask = np.array([[True, True, False]])
    >>> float(MaskedMaxPooling1D()(steps, mask=mask)[0, 0])
    -1.0
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the maxima, of shape (batch, features)."""
        if mask is not None:
            lowest = ops.cast(-float("inf"), inputs.dtype)
            inputs = ops.where(ops.expand_dims(mask, -1), inputs, lowest)
        return ops.max(inputs, axis=1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: the time axis is gone."""
        return None
