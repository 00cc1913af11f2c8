"""Documents as vectors: the pooled vectors of a trained network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.base import ClassifierMixin

from .._model import model_of
from .._network.inference import apply_in_chunks
from .._network.network import Network


def document_vectors(clf: ClassifierMixin, X: Any) -> np.ndarray:
    """Return the vectors from which a classifier decides.

    Documents that mean the same to the classifier have similar vectors: for clusters,
    neighbours and plots.

    Parameters
    ----------
    clf : LSTMTextClassifier
        A fitted classifier.
    X : list, array, Series or one-column frame of n_documents documents
        Documents of the kind that the classifier was fitted on.

    Returns
    -------
    vectors : ndarray of shape (n_documents, width), dtype=float32
        The pooled vectors, before the output layer. Their width follows from ``units``,
        ``bidirectional`` and ``pooling``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The classifier is not fitted.
    ValueError, TypeError
        X is not as described, or the classifier is another estimator.

    See Also
    --------
    token_attributions : Which tokens a prediction rests on.

    Examples
    --------
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.inspection import document_vectors
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, pooling="max", random_state=0)
    >>> document_vectors(clf.fit(texts, labels), ["maize exports", "bank rates"]).shape
    (2, 16)
    """
    model = model_of(clf, "document_vectors")
    sequences = model.read(X)
    network: Network = model.loan.network
    vectors_of = network.derived(_pooled_vectors)
    return apply_in_chunks(
        lambda steps: vectors_of(steps).numpy(), sequences, width_multiple=network.width_multiple
    )


def _pooled_vectors(network: Network) -> Callable:
    """Return the compiled function from a padded batch to the vectors before the output."""
    layers = network.model
    pooled = keras.Model(layers.inputs, layers.get_layer("output").input, name="document_vectors")
    return network.compile(
        lambda steps: tf.cast(pooled(steps, training=False), tf.float32), network.steps_spec
    )
