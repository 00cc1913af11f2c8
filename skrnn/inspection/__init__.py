"""Plots of a training's history, and explanations of predictions."""

from .._backend import check_backend

check_backend()

from ._attribution_display import TokenAttributionDisplay
from ._attributions import token_attributions
from ._document_vectors import document_vectors
from ._explained import TokenAttributions
from ._history import TrainingHistoryDisplay
from ._step_attributions import StepAttributions, step_attributions

__all__ = [
    "StepAttributions",
    "TokenAttributionDisplay",
    "TokenAttributions",
    "TrainingHistoryDisplay",
    "document_vectors",
    "step_attributions",
    "token_attributions",
]
