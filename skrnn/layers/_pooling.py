"""Pooling over time that leaves padding out."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

# Outputs of an LSTM lie between -1 and 1 and mostly near 0: without a factor the scores of
# all steps would long be alike, and every head an ordinary mean.
SHARPNESS = 4.0


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
        # Keras' default is a setting of the user's.
        super().__init__(**{"data_format": "channels_last", **kwargs})
        if self.data_format != "channels_last":
            raise ValueError(f"data_format must be 'channels_last', got {self.data_format!r}.")
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the maxima, of shape (batch, features)."""
        if mask is not None:
            inputs = ops.where(ops.expand_dims(mask, -1), inputs, _lowest(inputs.dtype))
        return ops.max(inputs, axis=1, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: the time axis is gone."""
        return None


@keras.saving.register_keras_serializable(package="skrnn")
class AttentionPooling1D(keras.layers.Layer):
    """Averages over time whose weights are learnt, padding left out.

    Every head gives each step a score, which is linear in the step's features; a softmax
    over the steps makes weights of the scores, and the head returns the weighted mean.
    Where a few words decide, a head finds them [1]_. The scores are linear, as in [2]_;
    the several heads are from [1]_, without the hidden layer and the penalty.

    Parameters
    ----------
    heads : int
        Number of weighted means, which are put side by side.
    kernel_initializer : str or keras.initializers.Initializer, default="glorot_uniform"
        Where the scores' weights start.
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    References
    ----------
    .. [1] Z. Lin, M. Feng, C. N. dos Santos, M. Yu, B. Xiang, B. Zhou and Y. Bengio,
       "A Structured Self-Attentive Sentence Embedding", ICLR 2017.
    .. [2] P. Zhou, W. Shi, J. Tian, Z. Qi, B. Li, H. Hao and B. Xu, "Attention-Based
       Bidirectional Long Short-Term Memory Networks for Relation Classification",
       ACL 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import AttentionPooling1D
    >>> steps = np.array([[[1.0], [3.0], [9.0]]], dtype="float32")
    >>> mask = np.array([[True, True, False]])
    >>> layer = AttentionPooling1D(heads=2, kernel_initializer="zeros")
    >>> np.asarray(layer(steps, mask=mask)).tolist()
    [[2.0, 2.0]]
    """

    def __init__(
        self,
        heads: int,
        kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of the scores."""
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.heads),
            initializer=self.kernel_initializer,
            name="kernel",
        )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the means, of shape (batch, heads * features), head by head."""
        scores = SHARPNESS * ops.matmul(inputs, self.kernel)
        if mask is not None:
            scores = ops.where(ops.expand_dims(mask, -1), scores, _lowest(scores.dtype))
        shares = ops.softmax(ops.transpose(scores, (0, 2, 1)))
        means = ops.matmul(shares, inputs)
        return ops.reshape(means, (-1, self.heads * inputs.shape[-1]))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: the time axis is gone."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "heads": self.heads,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


def _lowest(dtype: str) -> Any:
    """Return a value below all others; infinity would end `tf.debugging.enable_check_numerics`."""
    return ops.cast(-6e4 if dtype == "float16" else -1e30, dtype)
