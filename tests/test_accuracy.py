"""The default learns; the bounds leave room for every supported version."""

import gzip

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from skrnn import LSTMTextClassifier
from skrnn.datasets import make_word_order_corpus


def read_r8(path, every):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1::every]
    return [text for _, text in rows], np.array([label for label, _ in rows])


def test_newswires(data_file):
    # 275 texts to train with, 548 to test with; 0.95 when this was written.
    clf = LSTMTextClassifier(random_state=0).fit(*read_r8(data_file("r8-train.tsv.gz"), 20))
    assert clf.score(*read_r8(data_file("r8-test.tsv.gz"), 4)) > 0.9


def test_the_order_of_words():
    X, y = make_word_order_corpus(1000, random_state=0)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    assert LSTMTextClassifier(random_state=0).fit(X, y).score(X_test, y_test) >= 0.98


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["wheat rose", "rates fell"], ["grain", "money"]),
        (["wheat", "rates"], ["grain", "money"]),
        (["", "rates"], ["grain", "money"]),
        (
            [f"wheat {i} rose" for i in range(5)] + [f"rates {i} fell" for i in range(5)],
            [0, 1] * 5,
        ),
        (["the same text"] * 10, [0, 1] * 5),
    ],
    ids=["two texts", "two words", "an empty text", "ten texts", "no difference"],
)
def test_little_data_gives_sane_probabilities(texts, labels):
    clf = LSTMTextClassifier(random_state=0).fit(texts, labels)
    probabilities = clf.predict_proba([*texts, "", "words never seen"])
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_two_texts_are_learnt():
    texts, labels = ["wheat rose", "rates fell"], ["grain", "money"]
    clf = LSTMTextClassifier(random_state=0).fit(texts, labels)
    assert clf.predict(texts).tolist() == labels


def test_no_difference_is_not_made_up():
    clf = LSTMTextClassifier(random_state=0).fit(["the same text"] * 10, [0, 1] * 5)
    np.testing.assert_allclose(clf.predict_proba(["the same text"]), 0.5, atol=0.1)


def test_balanced_classes_find_the_rare_one():
    rng = np.random.default_rng(0)
    rare = rng.random(400) < 0.05
    words = np.array(["alpha", "beta", "gamma", "delta"])
    texts = [
        " ".join(rng.choice(words, 8)) + (" omega" if is_rare and rng.random() < 0.7 else "")
        for is_rare in rare
    ]
    recall = {}
    for class_weight in (None, "balanced"):
        clf = LSTMTextClassifier(
            units=8, embedding_dim=16, class_weight=class_weight, random_state=0
        ).fit(texts, rare)
        recall[class_weight] = clf.predict_proba(texts)[rare, 1].mean()
    assert recall["balanced"] > recall[None]
