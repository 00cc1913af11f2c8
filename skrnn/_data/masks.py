"""Masked arrays, which numpy's functions and scikit-learn's read as if nothing were masked."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_masked(values: Any) -> bool:
    """Return whether something of an array is masked."""
    return isinstance(values, np.ma.MaskedArray) and bool(np.ma.is_masked(values))


def check_no_mask(values: Any, name: str, remedy: str) -> None:
    """Raise ValueError where something is masked."""
    if is_masked(values):
        raise ValueError(f"{name} is a masked array, and what is masked would be read: {remedy}.")
