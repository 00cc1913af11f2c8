"""Dropout of whole words."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="skrnn")
class WordDropout(keras.layers.Layer):
    """Replace token ids at random by the unknown token, during training only.

    The network learns what to do with words that it has never seen, and not to rely
    on single words [1]_.

    Parameters
    ----------
    rate : float
        Share of the tokens that are replaced, in [0, 1).
    token : int, default=1
        The id put in place; padding (id 0) is never replaced.
    seed : int or None, default=None
        Seed of the layer's own generator.
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    References
    ----------
    .. [1] M. Iyyer, V. Manjunatha, J. Boyd-Graber and H. Daume III, "Deep Unordered
       Composition Rivals Syntactic Methods for Text Classification", ACL 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import WordDropout
    >>> ids = np.array([[5, 6, 0]])
    >>> np.asarray(WordDropout(0.5, seed=0)(ids)).tolist()
    [[5, 6, 0]]
    """

    def __init__(
        self, rate: float, token: int = 1, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.token = token
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return ids of the same shape."""
        if not training:
            return inputs
        drawn = keras.random.uniform(ops.shape(inputs), seed=self.seed_generator)
        dropped = ops.logical_and(drawn < self.rate, inputs != 0)
        return ops.where(dropped, ops.cast(self.token, inputs.dtype), inputs)

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        """Return the spec of the inputs: ids in, ids out."""
        return keras.KerasTensor(inputs.shape, dtype=inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "rate": self.rate,
            "token": self.token,
            "seed": self.seed,
        }
