# ruff: noqa: RUF001 - texts as people write them

from enum import Enum

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import logit
from sklearn.exceptions import NotFittedError

from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn.ensemble import NgramTextClassifier
from skrnn.inspection import _integrated_gradients, token_attributions
from skrnn.inspection._integrated_gradients import _Path

TEXTS = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 4
LABELS = ["grain", "grain", "money", "money"] * 4
INDICATORS = np.array([[1, 0], [1, 1], [0, 1], [0, 0]] * 4)
MANY = ["wheat", "bank rates cut and maize rose", "unheard of", "rates " * 30 + "wheat", ""]


def make(X=TEXTS, y=LABELS, **kwargs):
    kwargs = {"units": 3, "embedding_dim": 4, "epochs": 3, "random_state": 0, **kwargs}
    return LSTMTextClassifier(**kwargs).fit(X, y)


@pytest.fixture(scope="module")
def clf():
    return make()


@pytest.fixture(scope="module")
def independent():
    return make(y=INDICATORS)


def with_vectorizer(text, **kwargs):
    """Explain a text to a classifier that cuts texts in another way."""
    clf = make(vectorizer=SequenceVectorizer(**kwargs), epochs=1)
    return token_attributions(clf, [text])[0]


def marked(attributions):
    """Return the user's own writing of every token."""
    return [attributions.text[start:end] for start, end in attributions.offsets]


def brute_force(clf, text, index, n_points=400):
    """Integrate the gradient of the exported model over its table of vectors.

    No token may occur twice: then a row of the table is a token of the text.
    """
    model = clf.to_keras()
    table = model.get_layer("embedding").embeddings
    last = model.get_layer("output")
    features = tf.keras.Model(model.input, last.input)
    ids = clf.vectorizer_.transform([text])[:, : len(text.split())]

    @tf.function
    def gradient():
        with tf.GradientTape() as tape:
            logits = features(ids) @ last.kernel + last.bias
            value = logits[0, index]
        return tf.convert_to_tensor(tape.gradient(value, table.value))

    end = table.numpy().copy()  # assigning would change it too
    start = np.broadcast_to(end[1], end.shape)
    total = np.zeros_like(end)
    for share in (np.arange(n_points) + 0.5) / n_points:
        table.assign(start + share * (end - start))
        total += gradient().numpy() / n_points
    return (total * (end - start)).sum(axis=1)[ids[0]]


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_result(clf, method):
    text = "Exports of WHEAT\nrose"
    (result,) = token_attributions(clf, [text], method=method)
    assert result.tokens == ["exports", "of", "wheat", "rose"]
    assert marked(result) == ["Exports", "of", "WHEAT", "rose"]
    assert result.text == text
    assert result.target == clf.predict([text])[0]
    assert result.probability == pytest.approx(clf.predict_proba([text]).max(), abs=1e-6)
    assert result.scores.shape == (4,)
    assert result.scores[1] == 0.0  # unknown, and so is the baseline


@pytest.mark.parametrize("pooling", ["last", "max+mean+attention"])
@pytest.mark.parametrize("target", ["grain", "money"])
def test_completeness(target, pooling):
    clf = make(pooling=pooling, depth=2)
    for result in token_attributions(clf, MANY, target=target):
        change = result.logit - result.baseline_logit
        assert result.scores.sum() == pytest.approx(change, rel=0.02, abs=1e-6)
        assert result.remainder < 0.2 * abs(change) + 1e-6


def test_integrated_gradients(clf):
    text = "bank and maize cut wheat exports"
    (result,) = token_attributions(clf, [text], target="grain")
    expected = brute_force(clf, text, index=0)
    np.testing.assert_allclose(result.scores, expected, atol=0.05 * np.abs(expected).max())


def test_occlusion(independent):
    words = ["bank", "and", "rates", "exports"]
    (result,) = token_attributions(independent, [" ".join(words)], 1, "occlusion")
    without = [" ".join("unheard" if i == j else w for j, w in enumerate(words)) for i in range(4)]
    logits = logit(independent.predict_proba([" ".join(words), *without])[:, 1].astype(float))
    np.testing.assert_allclose(result.scores, logits[0] - logits[1:], atol=1e-4)
    assert result.logit == pytest.approx(logits[0], abs=1e-4)


@pytest.fixture(scope="module")
def clf_of_parts():
    return make(["walking walked tree", "talking talked trees", "walks talks", "sleep"] * 4)


def test_completeness_of_unseen_words(clf_of_parts):
    (result,) = token_attributions(clf_of_parts, ["tree walkers unheard balking walked"])
    assert result.tokens == ["tree", "walkers", "unheard", "balking", "walked"]
    change = result.logit - result.baseline_logit
    assert result.scores.sum() == pytest.approx(change, rel=0.02, abs=1e-6)
    assert result.scores[1] != 0
    assert result.scores[2] == 0


def test_occlusion_of_unseen_words(clf_of_parts):
    words = ["tree", "walkers", "unheard", "balking"]
    (result,) = token_attributions(clf_of_parts, [" ".join(words)], "money", "occlusion")
    for position, word in enumerate(words):
        others = [*words[:position], "unheard", *words[position + 1 :]]
        (without,) = token_attributions(clf_of_parts, [" ".join(others)], "money", "occlusion")
        expected = result.logit - without.logit
        assert result.scores[position] == pytest.approx(expected, abs=1e-5), word


def test_both_methods_start_from_one_baseline(clf_of_parts):
    texts = ["tree walkers balking"]
    occluded, integrated = (
        token_attributions(clf_of_parts, texts, "money", method)[0]
        for method in ("occlusion", "integrated_gradients")
    )
    assert occluded.baseline_logit == pytest.approx(integrated.baseline_logit, abs=1e-6)


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_documents_do_not_meet(clf, method):
    together = token_attributions(clf, MANY, "money", method)
    for text, result in zip(MANY, together, strict=True):
        (alone,) = token_attributions(clf, [text], "money", method)
        assert alone.tokens == result.tokens
        np.testing.assert_allclose(alone.scores, result.scores, atol=1e-4)


def test_every_block_of_documents_has_its_own_targets(clf, monkeypatch):
    targets = ["grain", "money", "money", "grain", "money"]
    expected = token_attributions(clf, MANY, targets)
    monkeypatch.setattr(_integrated_gradients, "_BLOCK", 2)
    for result, other in zip(token_attributions(clf, MANY, targets), expected, strict=True):
        np.testing.assert_allclose(result.scores, other.scores, atol=1e-4)
        assert result.baseline_logit == pytest.approx(other.baseline_logit, abs=1e-5)


def test_jump():
    path = _Path(2)
    shares = path.wanted()
    jumps = shares > 0.3
    slopes = np.tile([3.0, -1.0], (len(shares), 1))
    path.add(shares, 2 * shares + 4 * jumps, slopes)
    (middle,) = path.wanted()  # nowhere else is there anything to find
    assert 0.25 < middle < 0.375
    scores, remainder = path.scores()
    np.testing.assert_allclose(scores, [3 + 4 * 0.75, -1 + 4 * 0.25])
    assert remainder == pytest.approx(4)


def test_slopes_in_which_the_change_would_be_lost():
    path = _Path(2)
    shares = path.wanted()
    path.add(shares, 2 * shares, np.tile([3e20, -1e20], (len(shares), 1)))
    scores, remainder = path.scores()
    np.testing.assert_allclose(scores, [1.5, 0.5])
    assert remainder == pytest.approx(2)


def test_flat_path():
    path = _Path(1)
    path.add(path.wanted(), np.ones(9), np.zeros((9, 1)))
    assert not len(path.wanted())
    assert path.scores() == (np.zeros(1), 0.0)


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        # With CountVectorizer's words, the lower case of the first has a point apart.
        ("İstanbul BANK", {"analyzer": "word"}, ["stanbul", "BANK"]),
        ("İİ İRAN wheat", {"analyzer": "word"}, ["RAN", "wheat"]),
        ("İİ I\u0307RAN, wheat!", {}, ["İİ", "I\u0307RAN", ",", "wheat", "!"]),
        ("ΟΔΟΣ ΣΑΣ wheat", {}, ["ΟΔΟΣ", "ΣΑΣ", "wheat"]),
        ("我爱北京，你", {}, ["我", "我爱", "爱北", "北京", "京，", "，", "，你", "你"]),
        ("ﾃﾞｰﾀ の", {}, ["ﾃﾞ", "ﾃﾞｰ", "ｰﾀ", "ﾀ", "の", "の"]),
        (
            "\u1112\u1161\u11ab\uad6d\uc5b4",
            {},
            ["\u1112\u1161\u11ab", "\u1112\u1161\u11ab\uad6d", "\uad6d\uc5b4", "\uc5b4"],
        ),
        ("อยู่ที่", {}, ["อ", "อยู่", "ยู่ที่", "ที่"]),
        ("अच्छा दिन", {}, ["अच्छा", "दिन"]),
        ("Do\u00adnau 👍🏽 🇩🇪 ❤️!", {}, ["Do\u00adnau", "👍🏽", "🇩🇪", "❤️", "!"]),
        ("Bank, cut", {"ngram_range": (1, 2)}, ["Bank", ",", "cut", "Bank,", ", cut"]),
        ("Café Ütopia", {"strip_accents": "unicode"}, ["Café", "Ütopia"]),
        ("Cafe\u0301s ﬁve", {"strip_accents": "unicode"}, ["Cafe\u0301s", "ﬁve"]),
        ("the bank of wheat", {"stop_words": "english"}, ["bank", "wheat"]),
        ("Banks roses", {"token_pattern": r"\b(\w+?)s?\b"}, ["Bank", "rose"]),
        ("Bank A", {"token_pattern": r"\S+", "lowercase": False}, ["Bank", "A"]),
        ("bank-CUT", {"preprocessor": lambda text: text.replace("-", " ")}, ["bank", "CUT"]),
        # Marks behind a tatweel and behind a soft hyphen.
        ("bank شَيْـًٔا cut", {}, ["bank", "شَيْـًٔا", "cut"]),
        ("e\u00ad\u0301t cut", {}, ["e\u00ad\u0301t", "cut"]),
        ("ب\ufe77 cut", {}, ["ب\ufe77", "cut"]),
    ],
)
def test_offsets(text, params, expected):
    result = with_vectorizer(text, **params)
    assert marked(result) == expected
    assert result.text == text


@pytest.mark.parametrize(
    ("params", "tokens"),
    [
        ({"analyzer": "char"}, list("bank cut")),
        ({"analyzer": str.split}, ["bank", "cut"]),
        ({"tokenizer": str.split, "token_pattern": None}, ["bank", "cut"]),
        ({"preprocessor": lambda text: text.replace("nk", "")}, ["ba", "cut"]),
        ({"preprocessor": lambda text: text[::-1]}, ["tuc", "knab"]),
        (
            {"preprocessor": lambda text: " ".join(text.split()[i] for i in (1, 0))},
            ["cut", "bank"],
        ),
    ],
)
def test_no_offsets(params, tokens):
    result = with_vectorizer("bank cut", **params)
    assert result.tokens == tokens
    assert result.offsets is None
    assert result.text is None
    assert len(result.scores) == len(tokens)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"maxlen": 2}, ["bank", "Nobody"]),
        ({"maxlen": 2, "truncating": "pre"}, ["CUT", "wheat"]),
        ({"oov": "drop"}, ["bank", "CUT", "wheat"]),
        ({"oov": "drop", "maxlen": 2}, ["bank", "CUT"]),
    ],
)
def test_only_what_the_network_reads(params, expected):
    result = with_vectorizer("bank Nobody CUT wheat", **params)
    assert marked(result) == expected
    assert result.tokens == [token.lower() for token in expected]


def test_empty_text(clf):
    (result,) = token_attributions(clf, [""])
    assert result.tokens == ["[UNK]"]
    assert marked(result) == [""]
    assert result.scores.tolist() == [0.0]


def test_bytes(clf):
    (result,) = token_attributions(clf, ["Bank für wheat".encode()])
    assert marked(result) == ["Bank", "für", "wheat"]


def test_tokenised(clf):
    (result,) = token_attributions(clf, [["bank", "rates"]])
    assert result.tokens == ["bank", "rates"]
    assert result.offsets is None


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"stop_words": ["and"]}, ["wheat", "maize"]),
        (
            {"analyzer": lambda words: [word.upper() for word in words if word != "and"]},
            ["WHEAT", "MAIZE"],
        ),
    ],
    ids=["stop words", "analyzer"],
)
def test_tokenised_for_a_vectorizer_that_leaves_words_out(params, expected):
    X = [text.split() for text in TEXTS]
    clf = make(X, vectorizer=SequenceVectorizer(**params), epochs=1)
    (result,) = token_attributions(clf, [["wheat", "and", "maize"]], method="occlusion")
    assert result.tokens == expected
    assert result.scores.shape == (2,)


@pytest.mark.parametrize("ids", [[[7, 9, 8], [9]], np.array([[7, 9, 8], [0, 9, 0]])])
def test_ids(ids):
    clf = make([[7, 8], [9, 7]] * 4, [0, 1] * 4, epochs=1)
    first, second = token_attributions(clf, ids)
    assert first.tokens == ["7", "9", "8"]
    assert second.tokens == ["9"]
    assert first.offsets is None
    assert np.abs(first.scores).min() > 0


def test_targets(clf, independent):
    results = token_attributions(clf, MANY[:2], ["money", "grain"])
    assert [result.target for result in results] == ["money", "grain"]
    probabilities = clf.predict_proba(MANY[:2])
    assert [result.probability for result in results] == pytest.approx(
        [probabilities[0, 1], probabilities[1, 0]], abs=1e-6
    )
    (result,) = token_attributions(independent, MANY[:1], target=1)
    assert result.target == 1
    assert result.probability == pytest.approx(independent.predict_proba(MANY[:1])[0, 1], abs=1e-6)


def test_an_enumeration_is_a_target():
    class Kind(str, Enum):  # noqa: UP042 - its str() is not its value
        GRAIN = "grain"
        MONEY = "money"

    clf = make(["wheat rose", "rates fell"] * 4, [Kind.GRAIN, Kind.MONEY] * 4, epochs=1)
    for target in (Kind.MONEY, [Kind.MONEY], "money"):
        (result,) = token_attributions(clf, ["wheat"], target, "occlusion")
        assert result.target == "money"


def test_the_label_0_is_a_target(independent):
    assert independent.predict_proba(MANY).argmax(axis=1).any()
    for target in (0, np.zeros(len(MANY), dtype=int), (0 for _ in MANY)):
        results = token_attributions(independent, MANY, target, "occlusion")
        assert [result.target for result in results] == [0] * len(MANY)


def test_room():
    texts = [f"word{i} thing{i} and" for i in range(17)]
    clf = make(texts, range(17), epochs=1)
    results = token_attributions(clf, texts, method="occlusion")
    assert [result.target for result in results] == clf.predict(texts).tolist()


def test_wrong_targets(clf):
    with pytest.raises(ValueError, match=r"\['grain', 'money'\], got \['corn'\]"):
        token_attributions(clf, MANY, target="corn")
    with pytest.raises(ValueError, match="target has 1 labels for 5 documents"):
        token_attributions(clf, MANY, target=["grain"])


def test_sizes_of_ngrams_beyond_any_text():
    """They are not counted through one by one."""
    result = with_vectorizer("bank cut", ngram_range=(1, 10**12))
    assert result.tokens == ["bank", "cut", "bank cut"]
    linear = NgramTextClassifier(word_ngrams=(1, 10**12), char_ngrams=None)
    (result,) = token_attributions(linear.fit(TEXTS, LABELS), ["bank cut"])
    assert result.tokens == ["bank", "cut"]


def test_wrong_method(clf):
    with pytest.raises(ValueError, match="The 'method' parameter of token_attributions"):
        token_attributions(clf, MANY, method="guess")


def test_numbers():
    clf = make(np.eye(6), [0, 1] * 3, embedding_dim=None, epochs=1)
    with pytest.raises(ValueError, match="reads numbers"):
        token_attributions(clf, np.eye(6))


def test_files(tmp_path):
    paths = [tmp_path / f"{i}.txt" for i in range(4)]
    for path, text in zip(paths, TEXTS, strict=False):
        path.write_text(text)
    clf = make(list(map(str, paths)), LABELS[:4], vectorizer=SequenceVectorizer(input="filename"))
    with pytest.raises(ValueError, match=r"needs the texts.*input='filename'"):
        token_attributions(clf, list(map(str, paths)))


def test_not_fitted():
    with pytest.raises(NotFittedError):
        token_attributions(LSTMTextClassifier(), TEXTS)


def test_occlusion_block_by_block(clf, monkeypatch):
    (expected,) = token_attributions(clf, [MANY[1]], "money", "occlusion")
    monkeypatch.setattr("skrnn.inspection._occlusion.BLOCK_STEPS", 8)
    (explained,) = token_attributions(clf, [MANY[1]], "money", "occlusion")
    np.testing.assert_allclose(explained.scores, expected.scores, atol=1e-5)


@pytest.mark.parametrize(("slope", "n_bad"), [(0.84, 8), (0.96, 0)])
def test_cells_that_miss_their_part_of_the_change_are_halved(slope, n_bad):
    path = _Path(1)
    shares = path.wanted()
    path.add(shares, shares, np.full((9, 1), slope))
    assert len(path.wanted()) == n_bad
