"""Model: a fitted classifier as a value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import keras
import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._data.columns import Columns
from ._data.readers import Reader
from ._data.seeds import Seeds
from ._data.sequences import Sequences
from ._data.targets import Targets
from ._network.inference import predict_probabilities
from ._network.pool import Loan


@dataclass(frozen=True, eq=False)
class Model:
    """All that a fit makes: what reads X and y, and the network between them.

    Parameters
    ----------
    reader : TextReader, IdReader or NumberReader
        Turns X into sequences.
    targets : Targets
        Turns probabilities into labels.
    loan : Loan
        The trained network.
    seeds : Seeds
        Where further training takes its random numbers from.
    history : dict of str to list of float
        Loss and accuracy of every epoch.
    embedding_coverage : float or None, default=None
        Share of the tokens that have a vector in the user's ``embeddings``.
    n_unlabeled : int, default=0
        Documents without labels that the last fit learnt from.
    callbacks : tuple of keras.callbacks.Callback, default=()
        The copies of the user's callbacks that were called. They stay behind when the
        model is pickled or copied, because they may hold what cannot be.
    """

    reader: Reader
    targets: Targets
    loan: Loan
    seeds: Seeds
    history: dict[str, list[float]]
    embedding_coverage: float | None = None
    n_unlabeled: int = 0
    callbacks: tuple[keras.callbacks.Callback, ...] = ()

    @property
    def n_epochs(self) -> int:
        """Number of epochs behind the model."""
        return len(self.history.get("loss", ()))

    @cached_property
    def keras_model(self) -> keras.Model:
        """The network as a compiled Keras model that belongs to the user."""
        return self.loan.network.copy_model()

    @property
    def columns(self) -> Columns:
        """The columns of the X of the fit."""
        return self.reader.columns

    def read(self, X: Any) -> Sequences:
        """Return the documents of X as the network reads them."""
        return Sequences.concatenate(self.reader.read(self.reader.check(X)))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes), dtype float64."""
        documents = self.reader.check(X)
        blocks = self.reader.read(documents)
        outputs = predict_probabilities(self.loan.network, len(documents), blocks)
        return self.targets.probabilities(outputs)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the Keras model, which is made again on demand, and the callbacks.
        return Model, tuple(getattr(self, field.name) for field in fields(self)[:-1])


def model_of(clf: Any, needed_by: str) -> Model:
    """Return the model of a fitted `LSTMTextClassifier`.

    Parameters
    ----------
    clf : object
        What the user passed.
    needed_by : str
        Name of the function, for a message.

    Raises
    ------
    NotFittedError
        The estimator is not fitted.
    TypeError
        It is another one.
    """
    check_is_fitted(clf)
    model = getattr(clf, "_model", None)
    if isinstance(model, Model):
        return model
    hint = ""
    if hasattr(clf, "deep_"):
        hint = " Its network is deep_."
    elif hasattr(clf, "best_estimator_"):
        hint = " Give its best_estimator_."
    elif hasattr(clf, "steps"):
        hint = " Give the last step of a Pipeline, and X as the other steps transform it."
    raise TypeError(
        f"{needed_by} needs a fitted LSTMTextClassifier, got {type(clf).__name__}.{hint}"
    )
