"""Keras layers of the networks."""

from ._lstm import FusedLSTM

__all__ = ["FusedLSTM"]
