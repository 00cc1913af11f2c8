"""Model: a fitted classifier as a value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import keras
import numpy as np

from ._data.readers import Reader
from ._data.seeds import Seeds
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
    """

    reader: Reader
    targets: Targets
    loan: Loan
    seeds: Seeds
    history: dict[str, list[float]]
    embedding_coverage: float | None = None

    @property
    def n_epochs(self) -> int:
        """Number of epochs behind the model."""
        return len(self.history.get("loss", ()))

    @cached_property
    def keras_model(self) -> keras.Model:
        """The network as a compiled Keras model that belongs to the user."""
        return self.loan.network.copy_model()

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes), dtype float32."""
        documents = self.reader.check(X)
        blocks = self.reader.read(documents)
        return predict_probabilities(self.loan.network, len(documents), blocks)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the Keras model, which is made again on demand.
        return Model, tuple(getattr(self, field.name) for field in fields(self))
