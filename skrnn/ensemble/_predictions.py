"""What follows from probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np


class PredictionsMixin:
    """`predict` and `predict_log_proba` of classifiers that know their targets."""

    def predict(self: Any, X: Any) -> np.ndarray:
        """Return the most probable labels.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels as `fit` saw them; indicators where the labels are independent.
        """
        probabilities = self.predict_proba(X)
        return self._targets.decode(probabilities)

    def predict_log_proba(self: Any, X: Any) -> np.ndarray:
        """Return the logarithms of the probabilities.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), dtype=float64
            One column per entry of ``classes_``.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))
