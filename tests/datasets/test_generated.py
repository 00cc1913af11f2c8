import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skrnn.datasets import make_word_order_corpus
from skrnn.datasets._generated import FILLERS, MARKERS


def marker_positions(text):
    """Return where the words of the one pair in a text are, in the order of the pair."""
    words = text.split()
    (pair,) = (pair for pair in MARKERS if set(pair) & set(words))
    assert [words.count(word) for word in pair] == [1, 1]
    return [words.index(word) for word in pair]


@pytest.mark.parametrize("length", [6, 7, 12, 40])
def test_texts_have_the_promised_form(length):
    texts, y = make_word_order_corpus(n_samples=301, length=length, random_state=0)
    assert len(texts) == len(y) == 301
    assert {len(text.split()) for text in texts} == {length}
    for text in texts:
        first, second = sorted(marker_positions(text))
        assert first >= 1
        assert second - first >= 3
        assert second <= length - 2


def test_no_word_is_filler_and_marker():
    markers = [word for pair in MARKERS for word in pair]
    assert len({*markers, *FILLERS}) == len(markers) + len(FILLERS)


def test_order_alone_tells_the_class():
    texts, y = make_word_order_corpus(random_state=0)
    in_order = [np.diff(marker_positions(text))[0] > 0 for text in texts]
    assert_array_equal(in_order, y == 1)


@pytest.mark.parametrize("n_samples", [1, 2, 99, 1000])
def test_classes_are_balanced(n_samples):
    _, y = make_word_order_corpus(n_samples, random_state=0)
    assert np.issubdtype(y.dtype, np.integer)
    assert y.sum() == n_samples // 2


@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 2), (1, 3)])
def test_counts_are_worth_nothing(ngram_range):
    texts, y = make_word_order_corpus(n_samples=3000, random_state=0)
    model = make_pipeline(TfidfVectorizer(ngram_range=ngram_range), LinearSVC())
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    # Four standard deviations of the accuracy of guessing are 0.037.
    assert cross_val_score(model, texts, y, cv=folds).mean() == pytest.approx(0.5, abs=0.037)


def test_random_state_decides():
    texts, y = make_word_order_corpus(50, random_state=3)
    again, y_again = make_word_order_corpus(50, random_state=np.random.RandomState(3))
    assert texts == again
    assert_array_equal(y, y_again)
    assert texts != make_word_order_corpus(50, random_state=4)[0]
    assert make_word_order_corpus(50)[0] != make_word_order_corpus(50)[0]


@pytest.mark.parametrize(
    "params",
    [{"n_samples": 0}, {"n_samples": 1.5}, {"length": 5}, {"random_state": "seed"}],
)
def test_bad_parameters(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of make_word_order_corpus"):
        make_word_order_corpus(**params)
