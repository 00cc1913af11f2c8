"""What stands before the recurrence where steps are numbers."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="skrnn")
class FeatureNormalization(keras.layers.Normalization):
    """`keras.layers.Normalization` that reads its weights in every call.

    Keras' layer writes mean and variance into a compiled function as constants. A function
    that was compiled for one training set would then keep its statistics for the next.
    The last axis is the features'. There is neither ``mean``, ``variance`` nor ``invert``.

    Parameters
    ----------
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import FeatureNormalization
    >>> steps = np.array([[[1.0], [3.0]]], dtype="float32")
    >>> layer = FeatureNormalization()
    >>> layer.adapt(steps)
    >>> np.asarray(layer(steps)).tolist()
    [[[-1.0], [1.0]]]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.input_mean is not None or self.invert:
            raise ValueError(
                "FeatureNormalization takes neither mean, variance nor invert:"
                " keras.layers.Normalization does."
            )

    def call(self, inputs: Any) -> Any:
        """Return the inputs with a mean of 0 and a standard deviation of 1."""
        inputs = ops.cast(inputs, self.compute_dtype)
        mean, variance = (
            ops.cast(weights, self.compute_dtype)
            for weights in (self.adapt_mean, self.adapt_variance)
        )
        # Keras' layer takes deviations below 1e-7 for 1e-7, however small the numbers are.
        return (inputs - mean) / ops.where(variance > 0, ops.sqrt(variance), 1.0)


@keras.saving.register_keras_serializable(package="skrnn")
class NaNMasking(keras.layers.Layer):
    """Take NaN for padding: hide such steps from the layers that follow.

    `keras.layers.Masking` compares with a value, and no number is free for that: a step of
    zeros is a measurement like any other.

    Parameters
    ----------
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import NaNMasking
    >>> steps = np.array([[[0.0], [3.0], [np.nan]]], dtype="float32")
    >>> np.asarray(NaNMasking()(steps)).tolist()
    [[[0.0], [3.0], [0.0]]]
    >>> np.asarray(NaNMasking().compute_mask(steps)).tolist()
    [[True, True, False]]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs with zeros in place of NaN."""
        return ops.where(ops.isnan(inputs), ops.cast(0, inputs.dtype), inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where a step is, of shape (batch, steps)."""
        return ops.logical_not(ops.any(ops.isnan(inputs), axis=-1))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the inputs."""
        return input_shape


@keras.saving.register_keras_serializable(package="skrnn")
class Framing1D(keras.layers.Layer):
    """Make one step of several that follow each other.

    The frames do not overlap. The last one is filled up with zeros.

    Parameters
    ----------
    frame_length : int
        How many steps become one.
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import Framing1D
    >>> steps = np.array([[[1.0], [2.0], [3.0]]], dtype="float32")
    >>> np.asarray(Framing1D(2)(steps)).tolist()
    [[[1.0, 2.0], [3.0, 0.0]]]
    """

    def __init__(self, frame_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frame_length = frame_length
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the frames, of shape (batch, frames, frame_length * features)."""
        n_frames = self._n_frames(ops.shape(inputs)[1])
        steps = ops.pad(inputs, [(0, 0), (0, self.frame_length - 1), (0, 0)])
        steps = steps[:, : n_frames * self.frame_length]
        return ops.reshape(steps, (-1, n_frames, self.frame_length * inputs.shape[-1]))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return which frames hold a step: where padding is on the right, their first does."""
        return None if mask is None else mask[:, :: self.frame_length]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return (batch, frames, frame_length * features)."""
        batch, n_steps, n_features = input_shape
        n_frames = None if n_steps is None else self._n_frames(n_steps)
        return batch, n_frames, n_features * self.frame_length

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return super().get_config() | {"frame_length": self.frame_length}

    def _n_frames(self, n_steps: Any) -> Any:
        return (n_steps + self.frame_length - 1) // self.frame_length
