import numpy as np
import pytest

from skrnn import LSTMTextClassifier, SequenceVectorizer

TEXTS = ["wheat rose", "bank cut rates again", "rates rose and rates", "bank and bank wheat"]
LABELS = ["grain", "money", "rates", "money"]
INDICATORS = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]])


@pytest.fixture
def make_classifier():
    """Make small classifiers whose weights are large, so that every mistake shows."""

    def make(X=TEXTS, y=LABELS, **kwargs):
        vectorizer = SequenceVectorizer(maxlen=8)
        kwargs = {"vectorizer": vectorizer, "random_state": 0, **kwargs}
        kwargs = {"units": 3, "embedding_dim": 4, **kwargs}
        clf = LSTMTextClassifier(**kwargs).initialize(X, y)
        rng = np.random.default_rng(0)
        for variable in clf._model.loan.network.model.trainable_variables:
            variable.assign(rng.normal(size=variable.shape))
        return clf

    return make


@pytest.fixture
def make_room():
    """Make a classifier whose network has room for more words and classes than it uses."""

    def make():
        texts = [f"word{i} thing{i} and" for i in range(17)]
        vectorizer = SequenceVectorizer(maxlen=8)
        clf = LSTMTextClassifier(units=3, embedding_dim=4, epochs=1, vectorizer=vectorizer)
        clf.fit(texts, range(17))
        exact = clf._model.loan.architecture
        assert exact.n_outputs < exact.padded().n_outputs
        assert exact.vocabulary_size < exact.padded().vocabulary_size
        return clf, texts

    return make


@pytest.fixture
def texts():
    """Return texts shorter than ``maxlen``, one with unknown words and one with none."""
    return ["wheat", "bank cut rates again and again", "nobody knows wheat", ""]


@pytest.fixture
def indicators():
    """Return independent labels of the classifiers' own texts."""
    return INDICATORS
