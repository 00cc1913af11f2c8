"""What functions of a fitted classifier say of other estimators."""

import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skrnn import LSTMTextClassifier, SequenceVectorizer, WideAndDeepTextClassifier
from skrnn.export import to_ids, to_onnx
from skrnn.inspection import document_vectors, step_attributions, token_attributions

TEXTS, LABELS = ["wheat rose", "bank cut rates"] * 3, [0, 1] * 3
NETWORK = LSTMTextClassifier(units=3, embedding_dim=4, epochs=1, random_state=0)
FUNCTIONS = {
    "document_vectors": lambda clf: document_vectors(clf, TEXTS),
    "step_attributions": lambda clf: step_attributions(clf, TEXTS),
    "token_attributions": lambda clf: token_attributions(clf, TEXTS),
    "to_ids": lambda clf: to_ids(clf, TEXTS),
    "to_onnx": to_onnx,
}


@pytest.fixture(scope="module")
def pipeline():
    return make_pipeline(SequenceVectorizer(), clone(NETWORK)).fit(TEXTS, LABELS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_pipeline_is_refused(name, pipeline):
    message = rf"{name} needs a fitted LSTMTextClassifier, got Pipeline\. Give the last step"
    with pytest.raises(TypeError, match=message):
        FUNCTIONS[name](pipeline)


def test_other_estimators():
    with pytest.raises(TypeError, match="got LogisticRegression"):
        to_onnx(LogisticRegression().fit([[0], [1]], [0, 1]))
    both = WideAndDeepTextClassifier(NETWORK, random_state=0).fit(TEXTS, LABELS)
    with pytest.raises(TypeError, match=r"got WideAndDeepTextClassifier\. Its network is deep_"):
        to_onnx(both)
