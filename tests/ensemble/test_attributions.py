"""Attributions over both parts of an ensemble."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skrnn import LSTMTextClassifier, SequenceVectorizer, WideAndDeepTextClassifier
from skrnn.ensemble import NgramTextClassifier
from skrnn.inspection import TokenAttributionDisplay, token_attributions

DEEP = LSTMTextClassifier(units=3, embedding_dim=4, epochs=1)
TEXTS = ["wheat and maize", "maize exports rose", "", "gold mine", "bank cut rates", "rates"] * 3
LABELS = np.array(["grain", "grain", "none", "metal", "money", "money"] * 3)
IDS = np.array([[7, 3, 9], [3, 5, 0], [0, 0, 0], [2, 0, 0], [9, 9, 4], [4, 0, 0]] * 3)
NEW = ["Maize, the  ÉXPORTS rose", "", "小麦 rose rose", "x" * 3 + " rates", "wheat\u200b ἀγαθὸΣ"]
NEW.append("maize" * 300 + " gold")


def fit(X, y=LABELS, deep=DEEP):
    return WideAndDeepTextClassifier(deep, random_state=0).fit(X, y)


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_the_linear_part_is_exact(method):
    clf = fit(TEXTS)
    both = token_attributions(clf, NEW, method=method)
    targets = [explained.target for explained in both]
    deep = token_attributions(clf.deep_, NEW, targets, method=method)
    columns = np.searchsorted(clf.classes_, targets)
    decisions = clf.wide_.decision_function(NEW)
    linear = clf.wide_.scale_ * decisions[np.arange(len(NEW)), columns]
    for row, (explained, of_network) in enumerate(zip(both, deep, strict=True)):
        logit = clf.deep_weight_ * of_network.logit + clf.wide_weight_ * linear[row]
        assert_allclose(explained.logit, logit, atol=1e-5)
        assert_allclose(explained.remainder, clf.deep_weight_ * of_network.remainder)
        own = clf.deep_weight_ * of_network.scores.sum()
        base = clf.wide_weight_ * clf.wide_.scale_ * clf.wide_.intercept_[columns[row]]
        assert_allclose(
            explained.scores.sum() - own, clf.wide_weight_ * linear[row] - base, atol=1e-5
        )
        assert len(explained.offsets) == len(explained.tokens) == len(explained.scores)
        assert explained.text == NEW[row]
        assert_allclose(explained.probability, clf.predict_proba(NEW)[row, columns[row]])


def test_logits_are_those_of_the_probabilities():
    clf = fit(TEXTS)
    logits = np.array(
        [
            [explained.logit for explained in token_attributions(clf, NEW, label)]
            for label in clf.classes_
        ]
    )
    assert_allclose(softmax(logits, axis=0).T, clf.predict_proba(NEW), rtol=1e-4)


def test_logits_of_independent_labels_are_those_of_the_probabilities(few_are_many):
    indicators = np.eye(4, dtype=int)[np.unique(LABELS, return_inverse=True)[1]]
    indicators[::7] = 1
    texts = [f"{text} {number}" for number, text in enumerate(TEXTS * 7)]
    clf = fit(texts, np.tile(indicators, (7, 1)))
    assert clf.intercept_ != 0
    for column in clf.classes_:
        explanations = token_attributions(clf, NEW, column)
        logits = [explained.logit for explained in explanations]
        assert_allclose(expit(logits), clf.predict_proba(NEW)[:, column], rtol=1e-4)
        for explained in explanations:
            difference = explained.logit - explained.baseline_logit
            assert_allclose(explained.scores.sum(), difference, atol=1e-4)


def test_scores_land_on_the_characters_that_they_belong_to():
    wide = NgramTextClassifier(word_ngrams=(1, 1), char_ngrams=None)
    clf = WideAndDeepTextClassifier(DEEP, wide, random_state=0).fit(TEXTS, LABELS)
    (explained,) = token_attributions(clf, ["Exports — of MAIZE"], "grain")
    (of_network,) = token_attributions(clf.deep_, ["Exports — of MAIZE"], "grain")
    linear = explained.scores - clf.deep_weight_ * of_network.scores
    words = [explained.text[start:end] for start, end in explained.offsets]
    assert words == ["Exports", "—", "of", "MAIZE"]
    assert (linear[[0, 3]] > 0.01).all()
    assert_allclose(linear[[1, 2]], 0, atol=1e-9)


def test_words_of_a_text_that_another_tokenizer_cuts():
    vectorizer = SequenceVectorizer(tokenizer=str.split, token_pattern=None)
    deep = LSTMTextClassifier(units=3, embedding_dim=4, epochs=1, vectorizer=vectorizer)
    (explained,) = token_attributions(fit(TEXTS, deep=deep), ["gold, mine"], "metal")
    assert explained.tokens[:5] == ["gold,", "mine", "gold", ",", "mine"]
    assert (explained.scores[[2, 4]] > 0.01).all()
    assert explained.offsets is None
    assert_allclose(explained.scores.sum(), explained.logit - explained.baseline_logit, atol=1e-4)


def test_what_the_network_does_not_read():
    deep = LSTMTextClassifier(
        units=3, embedding_dim=4, epochs=1, vectorizer=SequenceVectorizer(maxlen=1)
    )
    (explained,) = token_attributions(fit(TEXTS, deep=deep), ["gold mine"], "metal")
    assert explained.tokens == ["gold", "mine"]
    assert explained.scores[1] > 0


def test_tokens_that_the_network_does_not_read():
    vectorizer = SequenceVectorizer(maxlen=1, truncating="pre")
    deep = clone(DEEP).set_params(vectorizer=vectorizer)
    clf = fit([text.split() or ["nothing"] for text in TEXTS], deep=deep)
    (explained,) = token_attributions(clf, [["gold", "mine"]], "metal")
    assert explained.tokens == ["mine", "gold", "mine"]
    assert len(explained.scores) == 3


@pytest.mark.parametrize("X", [[text.split() for text in TEXTS], IDS], ids=["tokens", "ids"])
def test_tokens_and_ids(X):
    clf = fit(X)
    for explained, document in zip(token_attributions(clf, X), X, strict=True):
        tokens = [str(token) for token in document if token != 0]
        assert explained.tokens == (tokens or ["[UNK]"])
        assert_allclose(
            explained.scores.sum(), explained.logit - explained.baseline_logit, atol=1e-4
        )


def test_independent_labels_and_two_classes():
    several = np.array([[1, 1], [1, 0], [0, 0], [0, 1], [1, 0], [0, 0]] * 3)
    for y in (several, several[:, 0]):
        clf = fit(TEXTS, y)
        (explained,) = token_attributions(clf, ["gold and wheat"], 1)
        assert_allclose(
            explained.scores.sum(), explained.logit - explained.baseline_logit, atol=1e-4
        )
        assert_allclose(explained.probability, clf.predict_proba(["gold and wheat"])[0, 1])


def test_display():
    display = TokenAttributionDisplay.from_estimator(fit(TEXTS), "Gold mine!")
    assert "mine" in str(display)


def test_another_linear_model_cannot_be_explained():
    wide = make_pipeline(TfidfVectorizer(), LogisticRegression())
    clf = WideAndDeepTextClassifier(DEEP, wide, random_state=0).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="wide is a Pipeline: only a NgramTextClassifier"):
        token_attributions(clf, TEXTS)


@pytest.mark.parametrize("X", [TEXTS, [text.split() for text in TEXTS], IDS], ids=str)
def test_a_linear_model_alone(X):
    clf = NgramTextClassifier(random_state=0).fit(X, LABELS)
    decisions = clf.decision_function(X)
    for row, explained in enumerate(token_attributions(clf, X)):
        column = clf.classes_.tolist().index(explained.target)
        assert explained.target == clf.predict(X[row : row + 1])[0]
        assert_allclose(explained.logit, clf.scale_ * decisions[row, column], atol=1e-5)
        assert_allclose(
            explained.scores.sum(), explained.logit - explained.baseline_logit, atol=1e-5
        )
        assert_allclose(explained.probability, clf.predict_proba(X)[row, column])
        assert len(explained.tokens) == len(explained.scores)
        assert explained.remainder == 0


@pytest.mark.parametrize("text", ["cafe\u0301", "\ufb01nale"])
def test_characters_that_become_one_or_several_keep_the_sum(text):
    clf = NgramTextClassifier(random_state=0).fit(["café", "finale"] * 9, [0, 1] * 9)
    (explained,) = token_attributions(clf, [text], target=0)
    difference = explained.logit - explained.baseline_logit
    assert abs(difference) > 0.1
    assert_allclose(explained.scores.sum(), difference, atol=1e-6)


def test_the_users_own_characters_are_marked():
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, LABELS)
    (explained,) = token_attributions(clf, ["Maize, the  ÉXPORTS"], target="grain")
    assert [explained.text[start:end] for start, end in explained.offsets] == [
        "Maize",
        ",",
        "the",
        "ÉXPORTS",
    ]
    assert "grain" in TokenAttributionDisplay.from_estimator(clf, "Maize rose")._repr_html_()
