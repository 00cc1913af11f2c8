"""What exported networks read."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from .._data.readers import TextReader
from .._model import model_of


def to_ids(clf: ClassifierMixin, X: Any) -> np.ndarray:
    """Return texts as the ids that exported networks read.

    Parameters
    ----------
    clf : LSTMTextClassifier
        A classifier that was fitted on texts.
    X : array-like of texts or of lists of tokens
        The texts.

    Returns
    -------
    ids : ndarray of shape (n_texts, n_entries), dtype=int32
        Padded with zeros on the right. A word of the vocabulary is its id, as in
        ``clf.vectorizer_.transform(X)``, and any other is 1. Where words have parts
        (see ``subwords``), those of a word without an id follow the 1 as negative
        numbers. The graph of `to_onnx` reads them as int64.

    Raises
    ------
    NotFittedError
        The classifier is not fitted.
    TypeError, ValueError
        ``clf`` is no network, or one that was not fitted on texts; X holds no texts.

    See Also
    --------
    to_onnx : A network that reads them.
    LSTMTextClassifier.to_keras : Another one.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.export import to_ids
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0).fit(texts, labels)
    >>> ids = to_ids(clf, ["rates rose", "wheats"])
    >>> np.allclose(clf.to_keras()(ids), clf.predict_proba(["rates rose", "wheats"]), atol=1e-5)
    True
    """
    model = model_of(clf, "to_ids")
    if not isinstance(model.reader, TextReader):
        raise ValueError(
            f"to_ids needs a classifier of texts, but this one was fitted on {model.reader.kind},"
            " which exported networks read as they are."
        )
    return model.read(X).padded()
