"""What changes with the progress of a training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Up to this share of a cycle the rate rises.
WARM_UP = 0.1
_FINAL_RATE = 0.01

# From this share of a cycle on the late weights count.
_LATE = 0.8

# Up to this share of a cycle long sequences are read in part.
_EARLY = 0.5


@dataclass(frozen=True)
class Schedule:
    """What changes with the progress through a cycle: learning rate, weights, what is read.

    Parameters
    ----------
    kind : {"one_cycle"} or None
        A linear warm-up followed by a cosine [1]_, or a constant.
    peak : float or None
        The highest learning rate; None leaves the optimizer's own alone.
    epochs : int
        Epochs of a cycle. Training beyond it starts the next cycle [2]_.

    References
    ----------
    .. [1] L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural
       Networks Using Large Learning Rates", 2018, arXiv:1708.07120.
    .. [2] I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm
       Restarts", ICLR 2017.
    """

    kind: str | None
    peak: float | None
    epochs: int

    def is_early(self, epoch: int) -> bool:
        """Return whether an epoch reads sequences in part: those of the first half."""
        return epoch % self.epochs + 1 <= _EARLY * self.epochs

    def is_late(self, epoch: int) -> bool:
        """Return whether an epoch has the late weights: the last fifth, at least the last."""
        return epoch % self.epochs >= int(_LATE * self.epochs)

    def rate(self, epoch: int, share: float) -> float | None:
        """Return the rate after a share of an epoch; None where nothing is scheduled."""
        if self.peak is None or self.kind is None:
            return None
        progress = (epoch % self.epochs + share) / self.epochs
        if progress < WARM_UP:
            return self.peak * max(progress / WARM_UP, _FINAL_RATE)
        cosine = (1 + np.cos(np.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2
        return self.peak * (_FINAL_RATE + (1 - _FINAL_RATE) * float(cosine))
