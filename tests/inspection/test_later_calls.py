"""What a first explanation compiles serves the later ones, also after further training."""

import pickle

import numpy as np
import pytest

import skrnn
from skrnn import LSTMTextClassifier
from skrnn._network import pool
from skrnn._network.network import Network
from skrnn.inspection import document_vectors, step_attributions, token_attributions

TEXTS = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 4
NUMBERS = np.random.default_rng(0).normal(size=(16, 5))
LABELS = np.array([0, 0, 1, 1] * 4)


def make(**params):
    params = {"units": 3, "embedding_dim": 4, "epochs": 2, "random_state": 0, **params}
    return LSTMTextClassifier(**params)


def logits_and_scores(attributions):
    return [np.append(part.scores, [part.logit, part.baseline_logit]) for part in attributions]


def by_gradients(clf, X):
    return logits_and_scores(token_attributions(clf, X[:4]))


def by_occlusion(clf, X):
    return logits_and_scores(token_attributions(clf, X[:4], method="occlusion"))


def of_steps(clf, X):
    return logits_and_scores(step_attributions(clf, X[:4]))


EXPLANATIONS = [(by_gradients, TEXTS), (by_occlusion, TEXTS), (of_steps, NUMBERS)]
EXPLANATIONS += [(document_vectors, TEXTS), (document_vectors, NUMBERS)]


def fitted(X, y=LABELS):
    params = {"embedding_dim": None} if X is NUMBERS else {}
    return make(**params).fit(X, y)


def by_another_network(explain, clf, X):
    """Explain with a copy, whose network has compiled nothing yet."""
    with skrnn.config_context(recycle=False):
        return explain(pickle.loads(pickle.dumps(clf)), X)


@pytest.mark.parametrize(("explain", "X"), EXPLANATIONS)
def test_nothing_is_compiled_again(explain, X, monkeypatch):
    clf = fitted(X)
    first = explain(clf, X)
    monkeypatch.setattr(Network, "compile", None)
    for again, expected in zip(explain(clf, X), first, strict=True):
        np.testing.assert_array_equal(again, expected)


@pytest.mark.parametrize(("explain", "X"), EXPLANATIONS)
def test_what_is_learnt_later_is_explained(explain, X):
    clf = fitted(X)
    before = explain(clf, X)
    for learn in (
        lambda: clf.partial_fit(X, LABELS),
        lambda: clf.set_params(random_state=1).fit(9 * X + 5 if X is NUMBERS else X, LABELS),
    ):
        learn()
        after = explain(clf, X)
        assert any((a != b).any() for a, b in zip(after, before, strict=True))
        for a, expected in zip(after, by_another_network(explain, clf, X), strict=True):
            np.testing.assert_allclose(a, expected, rtol=1e-4, atol=1e-5)
        before = after


def test_a_recycled_network_explains_its_own_words_and_classes():
    """Rounded up, 17 and 18 words are as many, and so are 9 and 11 classes."""
    pool.clear()
    networks = []
    for n_words, n_classes in ((17, 9), (18, 11)):
        rows = np.arange(36)[:, np.newaxis] + [0, 5, 9]
        X = [" ".join(f"w{word}" for word in row) for row in (rows % n_words).tolist()]
        clf = make(subwords=False).fit(X, np.arange(36) % n_classes)
        networks.append(clf._model.loan.network)
        explained = by_gradients(clf, X)
        for own, expected in zip(explained, by_another_network(by_gradients, clf, X), strict=True):
            np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-5)
        del clf
    assert networks[0] is networks[1]
