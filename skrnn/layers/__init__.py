"""Keras layers of the networks."""

from ._lstm import FusedLSTM
from ._pooling import MaskedMaxPooling1D
from ._word_dropout import WordDropout

__all__ = ["FusedLSTM", "MaskedMaxPooling1D", "WordDropout"]
