"""What the tests with other packages share: texts, and a small fitted classifier."""

import pytest

from skrnn import LSTMTextClassifier

PARAMETERS = {"units": 4, "embedding_dim": 8, "epochs": 2, "random_state": 0}
TEXTS = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose again"] * 8
LABELS = ["grain", "grain", "money", "money"] * 8


@pytest.fixture
def make():
    """Return a function that makes a small classifier."""
    return lambda **parameters: LSTMTextClassifier(**{**PARAMETERS, **parameters})


@pytest.fixture
def data():
    """Return texts and labels."""
    return list(TEXTS), list(LABELS)
