"""Weights of n-grams, and machines that read them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score

from skrnn import LSTMTextClassifier, WideAndDeepTextClassifier
from skrnn._data.columns import Columns
from skrnn._data.inputs import check_documents
from skrnn.ensemble import NgramTextClassifier, _ngram_model
from skrnn.ensemble._factors import fit_factors
from skrnn.ensemble._ngram_fit import class_strengths, fit_ngram_model
from skrnn.ensemble._ngrams import Ngrams

HOLDS = csr_matrix(np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=np.float32))
TEXTS = [
    f"{text} {number}"
    for number in range(24)
    for text in ("wheat and maize", "maize exports rose", "gold mine", "bank cut rates", "rates")
]
CLASSIFIER = NgramTextClassifier(random_state=0)
INDICATORS = np.array([[1, 1], [1, 0], [0, 1], [1, 0], [0, 0]] * 24)
OF_COLUMNS = [{0: 1.0, 1: 3.0}, {0: 2.0, 1: 1.0}]


def test_strength_grows_with_what_an_ngram_tells():
    strengths = class_strengths(HOLDS, np.array([1, 1, 0]), np.ones(3), np.full(3, 2))
    # Of the two documents of the class and of the other one hold the n-grams: 2 and 0, 1 and 1,
    # 1 and 1.
    expected = np.sqrt(np.abs(np.log([(3 / 4) / (1 / 3), (2 / 4) / (2 / 3), (2 / 4) / (2 / 3)])))
    assert_allclose(strengths, expected / expected.mean())


def test_a_weight_counts_as_a_repetition():
    twice = csr_matrix(HOLDS.toarray()[[0, 1, 1, 2]])
    frequencies = np.array([3, 2, 3])
    assert_allclose(
        class_strengths(HOLDS, np.array([0, 1, 0]), np.array([1.0, 2.0, 1.0]), frequencies),
        class_strengths(twice, np.array([0, 1, 1, 0]), np.ones(4), frequencies),
    )


def test_a_single_class_is_named():
    with pytest.warns(UserWarning, match="y holds the single class 'grain'"):
        clf = NgramTextClassifier().fit(TEXTS[:2], ["grain"] * 2)
    assert clf.predict(TEXTS[:1]).tolist() == ["grain"]


def test_a_factor_keeps_the_order_of_the_classes():
    # What was said is the opposite of the truth.
    said, ones = np.array([[1.0, -1.0]] * 50), np.ones(50, dtype=int)
    (factor,), _ = fit_factors([said], ones, ones, [3.0], 2.0)
    assert 0 < factor < 0.01


@pytest.mark.parametrize("shift", [2.0, -2.0])
def test_an_intercept_goes_either_way(shift):
    labels = np.random.default_rng(0).integers(0, 2, (200, 3))
    said = np.where(labels, 1.0, -1.0) - shift
    _, intercept = fit_factors([said], labels, np.ones(200), [1.0], 0.1)
    assert intercept * shift > 0.5


def test_strength_where_nothing_tells_anything():
    same = csr_matrix(np.ones((2, 2), dtype=np.float32))
    assert_array_equal(class_strengths(same, np.array([0, 1]), np.ones(2), np.full(2, 2)), [0, 0])


@pytest.mark.parametrize("class_weight", [None, "balanced", OF_COLUMNS])
def test_each_label_is_a_problem_of_its_own(class_weight):
    clf = NgramTextClassifier(class_weight=class_weight, random_state=0).fit(TEXTS, INDICATORS)
    for column, labels in enumerate(INDICATORS.T):
        own = class_weight[column] if isinstance(class_weight, list) else class_weight
        alone = NgramTextClassifier(class_weight=own, random_state=0).fit(TEXTS, labels)
        weights = dict.fromkeys(clf.ngrams_, 0.0)
        weights |= dict(zip(alone.ngrams_, alone.coef_[0], strict=True))
        assert_allclose(clf.coef_[column], [weights[ngram] for ngram in clf.ngrams_], rtol=1e-6)


def test_weights_of_labels_reach_the_exponents(few_are_many):
    deep = LSTMTextClassifier(units=4, embedding_dim=8, epochs=2)
    by_weight = [
        WideAndDeepTextClassifier(deep, class_weight=class_weight, random_state=0)
        .fit(TEXTS, INDICATORS)
        .wide_weight_
        for class_weight in (None, [{0: 1.0, 1: 1.0}] * 2, OF_COLUMNS)
    ]
    assert_allclose(by_weight[0], by_weight[1], rtol=1e-4)
    assert by_weight[0] != by_weight[2]


# The linear solver drops what has a weight of 0, and chooses the sign of a class that is alone.
@pytest.mark.parametrize(
    ("classes", "left_out"), [("abc", "a"), ("abc", "c"), ("ab", "a"), ("ab", "b")]
)
def test_what_has_no_weight_is_not_predicted(classes, left_out):
    labels = np.resize(list(classes), len(TEXTS))
    weights = (labels != left_out).astype(float)
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, labels, weights)
    assert left_out not in clf.predict([*TEXTS, "nothing that was seen"])
    by_class = NgramTextClassifier(class_weight={left_out: 0}, random_state=0)
    assert_array_equal(by_class.fit(TEXTS, labels).predict(TEXTS), clf.predict(TEXTS))


def test_logarithms_of_probabilities():
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, np.resize(["a", "b"], len(TEXTS)))
    assert_allclose(clf.predict_log_proba(TEXTS), np.log(clf.predict_proba(TEXTS)))


def test_samples_without_weight_are_not_judged_by():
    weights = np.zeros(len(TEXTS))
    weights[:5] = 1
    labels = np.resize(["grain", "metal", "money"], len(TEXTS))
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, labels, weights)
    alone = NgramTextClassifier(random_state=0).fit(TEXTS[:5], labels[:5])
    assert clf.scale_ == alone.scale_


def test_samples_without_weight_are_not_held_out():
    X = [*TEXTS, *(f"{text} again" for text in TEXTS)]
    weights = np.tile([0.0, 1.0], 120)
    _, held_out = fit_ngram_model(CLASSIFIER, X, np.arange(240) // 2 % 2, weights, "it")
    assert weights[held_out.rows].all()


def test_what_is_said_of_held_out_texts_is_of_machines_that_have_not_learnt_them():
    y = np.resize(["grain", "grain", "metal", "money", "money"], len(TEXTS))
    model, held_out = fit_ngram_model(CLASSIFIER, TEXTS, y, None, "it")
    others = clone(CLASSIFIER).fit(TEXTS, y, (~held_out.kept_back).astype(float))
    expected = model.scale * others.decision_function(TEXTS)[held_out.rows]
    assert_allclose(held_out.logits, expected, rtol=0.25)


def test_weights_of_what_is_judged_reach_the_scale():
    rng = np.random.default_rng(0)
    words = [f"word{number}" for number in range(60)]
    texts = [f"{' '.join(rng.choice(words, 6))} {('bank', 'wheat')[i % 2]}" for i in range(400)]
    is_noise = np.arange(400) % 4 < 2
    labels = np.where(is_noise, rng.integers(0, 2, 400), np.arange(400) % 2)
    weights = np.where(is_noise, 1e-6, 1.0)
    clf = clone(CLASSIFIER).fit(texts, labels, weights)
    alone = clone(CLASSIFIER).fit(np.array(texts)[~is_noise], labels[~is_noise])
    assert_allclose(clf.scale_, alone.scale_, rtol=0.1)


def test_copies_of_learnt_texts_are_not_judged_by():
    rng = np.random.default_rng(0)
    words = [f"word{number}" for number in range(60)]
    texts = [" ".join(rng.choice(words, 8)) for _ in range(150)]
    labels = rng.integers(0, 2, 150)  # nothing can be learnt about other texts
    once = NgramTextClassifier(random_state=0).fit(texts, labels)
    thrice = NgramTextClassifier(random_state=0).fit(texts * 3, np.tile(labels, 3))
    assert max(once.scale_, thrice.scale_) < 1


def sparse_labels(n_texts, random_state, told=1.0):
    """Return texts and which of 20 rare labels they have: each one has words of its own.

    Of the labels of a text it tells the share ``told``.
    """
    rng = np.random.default_rng(random_state)
    indicators = (rng.random((n_texts, 20)) < 0.07).astype(int)
    texts = [
        " ".join(
            [*(f"topic{label}x{rng.integers(3)}" for label in np.flatnonzero(row)
               if rng.random() < told),
             *(f"filler{rng.integers(200)}" for _ in range(12))]
        )
        for row in indicators
    ]  # fmt: skip
    return texts, indicators


def test_rare_labels_are_predicted():
    clf = NgramTextClassifier(random_state=0).fit(*sparse_labels(400, 0))
    texts, indicators = sparse_labels(200, 1)
    assert f1_score(indicators, clf.predict(texts), average="micro") > 0.9


def test_rare_labels_are_as_probable_as_they_are_frequent():
    clf = NgramTextClassifier(random_state=0).fit(*sparse_labels(400, 0, told=0.4))
    texts, indicators = sparse_labels(400, 1, told=0.4)
    assert_allclose(clf.predict_proba(texts).mean(), indicators.mean(), atol=0.02)


def test_every_column_of_the_weights_has_its_ngram():
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, [0, 0, 1, 1, 1] * 24)
    assert clf.ngrams_.shape == clf.coef_[0].shape
    weights = dict(zip(clf.ngrams_.tolist(), clf.coef_[0], strict=True))
    assert weights["words__maize"] < 0 < weights["words__gold mine"]
    assert weights["characters__ ma"] < 0 < weights["characters__ gol"]


def test_all_of_a_long_run_without_blanks_counts():
    rng = np.random.default_rng(0)
    bases = ["".join(rng.choice(list("acgt"), 1500)) for _ in range(20)]
    texts = [base + end for base, end in zip(bases, ["xyx", "yxy"] * 10, strict=True)]
    clf = NgramTextClassifier(random_state=0).fit(texts[:10], [0, 1] * 5)
    assert clf.score(texts[10:], [0, 1] * 5) == 1


def test_ways_to_write_a_character_are_one():
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, np.resize([0, 1, 1], len(TEXTS)))
    probabilities = clf.predict_proba(["\uff57heat", "mai\u00adze"])
    assert_array_equal(probabilities, clf.predict_proba(["wheat", "maize"]))


def test_blocks_of_documents_are_put_together(monkeypatch):
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, np.resize([0, 1, 1], len(TEXTS)))
    X = TEXTS[:20]
    expected = clf.decision_function(X)
    monkeypatch.setattr(_ngram_model, "_BLOCK", 7)
    # In another order: memory that is not written to may hold the first results.
    assert_allclose(clf.decision_function(X[::-1]), expected[::-1])


def test_an_unfitted_one_has_no_fitted_attributes():
    for name in ("classes_", "coef_", "ngrams_", "feature_names_in_"):
        assert not hasattr(NgramTextClassifier(), name)


@pytest.mark.parametrize(
    ("word_ngrams", "X", "least"),
    [
        ((5, 6), TEXTS, 5),
        ((5, 5), [text.split() for text in TEXTS], 5),
        ((1, 2), ["", " "] * 60, 1),
        ((1, 2), np.zeros((120, 3), dtype=int), 1),
    ],
    ids=["short texts", "few tokens", "blank texts", "padding"],
)
def test_documents_without_ngrams_are_refused(word_ngrams, X, least):
    clf = NgramTextClassifier(word_ngrams=word_ngrams)
    message = rf"No document has the {least} word.*word_ngrams=\({least}, {word_ngrams[1]}\)"
    with pytest.raises(ValueError, match=message):
        clf.fit(X, np.resize([0, 1], len(X)))


@pytest.mark.parametrize("name", ["word_ngrams", "char_ngrams"])
@pytest.mark.parametrize("sizes", [(0, 1), (2, 1), (1, 1.5), (1,), ("1", "2")], ids=str)
def test_sizes_that_are_no_range_are_refused(name, sizes):
    with pytest.raises(ValueError, match=f"{name} must be two integers"):
        NgramTextClassifier(**{name: sizes}).fit(TEXTS, np.resize([0, 1], len(TEXTS)))


@pytest.mark.parametrize("tokens", [["wheat", b"rose"], ["wheat", None]], ids=str)
def test_a_token_that_is_no_str_is_named(tokens):
    clf = NgramTextClassifier().fit([["wheat"], ["rates"]], [0, 1])
    for method in (clf.predict, lambda X: clone(clf).fit(X, [0, 1])):
        with pytest.raises(ValueError, match=r"every token to be a str|documents that hold"):
            method([["wheat"], tokens])


def test_bytes_that_are_no_text_are_named():
    texts = [b"wheat", b"r\xffse"]
    for clf in (NgramTextClassifier(), WideAndDeepTextClassifier()):
        with pytest.raises(UnicodeDecodeError, match="in document 1"):
            clf.fit(texts, [0, 1])


@pytest.mark.parametrize("params", [{"C": "x" * 5000}, {"word_ngrams": [1] * 5000}], ids=list)
def test_a_message_is_shorter_than_a_screen(params):
    with pytest.raises(ValueError, match=next(iter(params))) as caught:
        NgramTextClassifier(**params).fit(TEXTS, np.arange(len(TEXTS)) % 2)
    assert len(str(caught.value)) < 80 * 24


def test_what_is_said_of_held_out_texts_is_as_probable_as_they_are_frequent():
    texts, indicators = sparse_labels(400, 0, told=0.4)
    _, held_out = fit_ngram_model(CLASSIFIER, texts, indicators, None, "it")
    expected = indicators[held_out.rows].mean()
    assert_allclose(expit(held_out.logits).mean(), expected, atol=0.02)


def test_ngrams_of_characters_are_those_of_two_texts():
    texts = ["wheat xyxyxy", "wheat rose", "rates rose", "rates fell"] * 2
    texts[4:] = ["wheat", "wheat rose", "rates", "rates fell"]
    names = NgramTextClassifier(random_state=0).fit(texts, [0, 0, 1, 1] * 2).ngrams_
    assert "words__xyxyxy" in names
    assert "characters__ whe" in names
    assert not any("xy" in name for name in names if name.startswith("characters"))


def test_counts_are_weighted_as_by_scikit_learn():
    texts = ["wheat wheat wheat and maize", "maize and maize rose", "bank cut rates"]
    documents = check_documents(texts, Columns("it"), learn=True)
    _, rows = Ngrams.learn(documents, (1, 2), None)
    expected = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit_transform(texts)
    assert_allclose(rows.toarray(), expected.toarray(), rtol=1e-5)


def test_held_out_texts_are_judged_as_new_ones():
    rng = np.random.default_rng(0)
    # Half of the words of a text are in no other: a new text has few words that were learnt.
    texts = [
        " ".join([*(f"word{number}" for number in rng.integers(0, 40, 4)), *"abcd"])
        .replace("a", f"own{row}a")
        .replace("b", f"own{row}b")
        for row in range(300)
    ]
    y = rng.integers(0, 2, 300)
    texts = [f"{text} {('bank', 'wheat')[label]}" for text, label in zip(texts, y, strict=True)]
    model, held_out = fit_ngram_model(CLASSIFIER, texts, y, None, "it")
    seen = np.flatnonzero(~held_out.kept_back)
    before, _ = fit_ngram_model(CLASSIFIER, [texts[row] for row in seen], y[seen], None, "it")
    as_new = model.scale * before.decisions([texts[row] for row in held_out.rows])[:, 0]
    assert_allclose(np.abs(held_out.logits[:, 1]).mean(), np.abs(as_new).mean(), rtol=0.05)
