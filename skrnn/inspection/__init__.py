"""How a classifier learnt, and why it answers as it does."""

from ._attribution_display import TokenAttributionDisplay
from ._attributions import TokenAttributions, token_attributions
from ._document_vectors import document_vectors
from ._history import TrainingHistoryDisplay

__all__ = [
    "TokenAttributionDisplay",
    "TokenAttributions",
    "TrainingHistoryDisplay",
    "document_vectors",
    "token_attributions",
]
