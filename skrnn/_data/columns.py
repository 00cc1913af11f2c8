"""Names and number of the columns of X, by scikit-learn's rules and in its words."""

from __future__ import annotations

from dataclasses import dataclass
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

    def validate(self, X: Any, *, learn: bool, **checks: Any) -> tuple[Any, Columns]:
        """Validate the X of a fit, or one that has to have the columns of the fit.

        Parameters
        ----------
        X : object
            What the user passed.
        learn : bool
            Whether this is a fit.
        **checks : dict
            Arguments of `sklearn.utils.check_array`.

        Returns
        -------
        X : object
            What `sklearn.utils.check_array` makes of it.
        columns : Columns
            Those of X in a fit, else these.
        """
        # scikit-learn keeps the columns on an estimator, and quotes the name of its class.
        carrier = type(self.owner, (BaseEstimator,), {})()
        if not learn:
            if self.n_features_in is not None:
                carrier.n_features_in_ = self.n_features_in
            if self.feature_names_in is not None:
                carrier.feature_names_in_ = self.feature_names_in
        X = validate_data(carrier, X, reset=learn, **checks)
        learnt = vars(carrier)
        return X, Columns(
            self.owner, learnt.get("n_features_in_"), learnt.get("feature_names_in_")
        )
