"""What a stage of a network is, and what goes from one stage to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

# What stock layers compute in; Keras takes it from a global setting otherwise.
STOCK_DTYPE = "float32"

Weights = Mapping[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]


class Flow(NamedTuple):
    """What goes from one stage to the next.

    Parameters
    ----------
    values : tensor, or str for ONNX
        Of shape (batch, steps, width), in ONNX (steps, batch, width); after the pooling
        (batch, width).
    is_step : tensor or str or None, default=None
        True at a step and False at padding, of the shape of ``values`` with width 1; None
        before the first stage and for trained layers, to which Keras hands its mask.
    lengths : str, default=""
        The number of steps of every sequence, for ONNX.
    """

    values: Any
    is_step: Any = None
    lengths: str = ""


class Stage(Protocol):
    """What every stage has."""

    def weights(self, width: int) -> tuple[Shapes, int]:
        """Return the shapes of the weights by path, for an input and with the output width."""

    def train(self, values: Any) -> Any:
        """Apply the layers that are trained, dropout included."""

    def stock(self, flow: Flow) -> Flow:
        """Apply stock Keras layers, whose weights have the same paths."""

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """Add nodes to a graph."""
