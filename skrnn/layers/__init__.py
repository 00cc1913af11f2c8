"""Keras layers of the networks."""

from .._backend import check_backend

check_backend()

from ._lstm import FusedLSTM
from ._numbers import FeatureNormalization, Framing1D, NaNMasking
from ._pooling import AttentionPooling1D, MaskedMaxPooling1D
from ._row_embedding import RowEmbedding
from ._word_dropout import WordDropout
from ._word_parts import WordParts, WordsOnly

__all__ = [
    "AttentionPooling1D",
    "FeatureNormalization",
    "Framing1D",
    "FusedLSTM",
    "MaskedMaxPooling1D",
    "NaNMasking",
    "RowEmbedding",
    "WordDropout",
    "WordParts",
    "WordsOnly",
]
