"""Keras layers of the networks."""

from ._lstm import FusedLSTM
from ._pooling import AttentionPooling1D, MaskedMaxPooling1D
from ._word_dropout import WordDropout
from ._word_parts import WordParts, WordsOnly

__all__ = [
    "AttentionPooling1D",
    "FusedLSTM",
    "MaskedMaxPooling1D",
    "WordDropout",
    "WordParts",
    "WordsOnly",
]
