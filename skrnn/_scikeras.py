"""The one module that knows scikeras' internals and mends them for current scikit-learn."""

from __future__ import annotations

from typing import Any

from scikeras.wrappers import BaseWrapper
from sklearn.base import BaseEstimator


class KerasWrapper(BaseWrapper):
    """`scikeras.wrappers.BaseWrapper` with scikit-learn's own conventions put back.

    scikeras 0.13 reads parameters from ``__dict__``, takes parameters that no
    constructor names, prints its own form of ``repr``, and runs every fit inside
    a context that seeds the global generators and switches TensorFlow's op
    determinism on for the whole process. A subclass names its parameters and brings
    its own ``fit``; everything here is scikit-learn's again.
    """

    _get_param_names: Any = classmethod(BaseEstimator._get_param_names.__func__)
    set_params = BaseEstimator.set_params
    __repr__ = BaseEstimator.__repr__

    # Every subclass names its parameters; scikeras' constructor would add its own.
    def __init__(self) -> None:
        pass

    @property
    def initialized_(self) -> bool:
        """Whether the estimator can predict."""
        return "history_" in vars(self)

    @property
    def current_epoch(self) -> int:
        """Number of epochs behind the model."""
        return len(getattr(self, "history_", {}).get("loss", ()))

    def __getstate__(self) -> dict[str, Any]:
        state = dict(BaseEstimator.__getstate__(self))
        state.pop("_model", None)  # made again on demand
        return state
