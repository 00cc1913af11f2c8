"""Plots of a training's history, and explanations of predictions."""

from ._attribution_display import TokenAttributionDisplay
from ._attributions import TokenAttributions, token_attributions
from ._history import TrainingHistoryDisplay

__all__ = [
    "TokenAttributionDisplay",
    "TokenAttributions",
    "TrainingHistoryDisplay",
    "token_attributions",
]
