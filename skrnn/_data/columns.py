"""Names and number of the columns of X, by scikit-learn's rules and in its words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data


@dataclass(frozen=True)
class Columns:
    """The columns of the X of a fit.

    Parameters
    ----------
    owner : str
        Name of the estimator, for messages.
    n_features_in : int or None, default=None
        Number of columns; None where X had none.
    feature_names_in : ndarray of shape (n_features_in,) or None, default=None
        Names of the columns; None where X had no string names.
    """

    owner: str
    n_features_in: int | None = None
    feature_names_in: np.ndarray | None = None

    def learn(self, X: Any, **checks: Any) -> tuple[Any, Columns]:
        """Validate the X of a fit; ``checks`` are those of `sklearn.utils.check_array`."""
        carrier = self._carrier()
        X = validate_data(carrier, X, reset=True, **checks)
        learnt = replace(
            self,
            n_features_in=vars(carrier).get("n_features_in_"),
            feature_names_in=vars(carrier).get("feature_names_in_"),
        )
        return X, learnt

    def check(self, X: Any, **checks: Any) -> Any:
        """Validate an X that has to have the columns of the fit."""
        carrier = self._carrier()
        if self.n_features_in is not None:
            carrier.n_features_in_ = self.n_features_in
        if self.feature_names_in is not None:
            carrier.feature_names_in_ = self.feature_names_in
        return validate_data(carrier, X, reset=False, **checks)

    def _carrier(self) -> Any:
        # scikit-learn keeps the columns on an estimator, and quotes the name of its class.
        return type(self.owner, (BaseEstimator,), {})()
