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
    begin : int, default=0
        The epoch with which the first cycle begins.

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
    begin: int = 0

    def is_early(self, epoch: int) -> bool:
        """Return whether an epoch reads sequences in part: those of the first half."""
        return self._place(epoch) + 1 <= _EARLY * self.epochs

    def is_late(self, epoch: int) -> bool:
        """Return whether an epoch has the late weights: the last fifth, at least the last."""
        return self._place(epoch) >= int(_LATE * self.epochs)

    def rate(self, epoch: int, share: float) -> float | None:
        """Return the rate after a share of an epoch; None where the optimizer has its own."""
        if self.peak is None or self.kind is None:
            return self.peak
        progress = (self._place(epoch) + share) / self.epochs
        if progress < WARM_UP:
            return self.peak * max(progress / WARM_UP, _FINAL_RATE)
        cosine = (1 + np.cos(np.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2
        return self.peak * (_FINAL_RATE + (1 - _FINAL_RATE) * float(cosine))

    def has_set(self, rate: float, epoch: int, n_batches: int) -> bool:
        """Return whether the rate at the end of an epoch is what the schedule had set."""
        if self.peak is None:
            return True
        # Divided batches are more than were planned.
        shares = ((n_batches - 1) / n_batches, 1.0)
        return np.float32(rate) in [np.float32(self.rate(epoch, share)) for share in shares]

    def _place(self, epoch: int) -> int:
        """Return the place of an epoch in its cycle."""
        return (epoch - self.begin) % self.epochs
