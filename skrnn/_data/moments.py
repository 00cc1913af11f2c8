"""Mean and variance of numeric sequences, of which a few wild values do not set the scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .sequences import Sequences, blocks

# What single precision holds in full.
_FLOAT32_RANGE = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)

# A spread below this share of the mean is rounding: the feature is constant.
_CONSTANT = 1e-6

# With a standard deviation of so many interquartile ranges a few wild values, such as codes of
# missing ones, would set the scale, and nothing be learnt from the others.
_WILD = 100

# Of so many steps the quartiles are taken.
_STEPS_OF_QUARTILES = 2**16


def moments(sequences: Sequences, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of every feature over all steps.

    Of a feature with a few wild values they are those of its values within three
    interquartile ranges of the quartiles, Tukey's outer fences [1]_. Where most values are
    equal, the quartiles of the other values count as well.

    Parameters
    ----------
    sequences : Sequences
        Numbers.
    weights : ndarray of shape (n_sequences,)
        How much the steps of a sequence count.

    Returns
    -------
    mean, variance : ndarray of shape (n_features,), dtype=float32
        The variance of a constant feature is 1, so that dividing by it does no harm.

    References
    ----------
    .. [1] J. W. Tukey, "Exploratory Data Analysis", Addison-Wesley, 1977.
    """
    parts = list(blocks(sequences.lengths))
    n_steps = sequences.lengths @ np.asarray(weights, dtype=np.float64)

    def average(function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        # In float64, block by block: float32 loses the small numbers of a long sum.
        total = np.zeros(sequences.values.shape[1])
        for start, stop in parts:
            block = sequences.between(start, stop)
            step_weights = np.repeat(weights[start:stop], block.lengths)
            total += step_weights.astype(np.float64) @ function(block.values.astype(np.float64))
        return total / n_steps

    mean = average(lambda values: values)
    variance = average(lambda values: (values - mean) ** 2)
    some = sequences.values
    if len(some) > _STEPS_OF_QUARTILES:  # every k-th could be one place of every sequence
        places = np.random.default_rng(0).integers(len(some), size=_STEPS_OF_QUARTILES)
        some = some[places]
    low, high = np.quantile(some.astype(np.float64), (0.25, 0.75), axis=0)
    for feature in np.flatnonzero(low == high):
        # Most values are equal, as where nothing happens: the others tell the scale.
        others = some[:, feature][some[:, feature] != low[feature]]
        if len(others):
            first, third = np.quantile(others.astype(np.float64), (0.25, 0.75))
            low[feature], high[feature] = min(low[feature], first), max(high[feature], third)
    spread = high - low
    for wild in np.flatnonzero((spread > 0) & (variance > (_WILD * spread) ** 2)):
        values = sequences.values[:, wild].astype(np.float64)
        inside = (values > (low - 3 * spread)[wild]) & (values < (high + 3 * spread)[wild])
        shares = np.repeat(weights, sequences.lengths) * inside
        if shares.any():  # in single precision small weights are 0
            mean[wild] = np.average(values, weights=shares)
            variance[wild] = np.average((values - mean[wild]) ** 2, weights=shares)
    variance[variance <= (_CONSTANT * mean) ** 2] = 1.0
    # A variance that float32 takes for 0 would not bring its feature to any scale.
    variance = np.clip(variance, *_FLOAT32_RANGE)
    return mean.astype(np.float32), variance.astype(np.float32)
