"""Word vectors of the user's own: where they come from, and what a classifier does with them."""

import codecs
import gzip
import pickle
import tracemalloc
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import skrnn
from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn._data.sequences import FIRST_TOKEN, UNKNOWN
from skrnn._network import pool
from skrnn._vectors.pretrained import check_source, pretrained_embeddings

WORDS = ["wheat", "rose", "gold", "bank", "new york"]
VECTORS = np.array([[0.5, -1, 2], [1, 0, 0.25], [-3, 1e-3, 0]], dtype=np.float32)
FOUND = dict(zip(WORDS[:3], VECTORS, strict=True))
LINES = [f"{word} {' '.join(map(str, vector.tolist()))}" for word, vector in FOUND.items()]


def vectors_of(source, tokens=WORDS, dim=3, seed=0):
    vectors, coverage = pretrained_embeddings(
        source, tokens, dim, random_state=np.random.default_rng(seed)
    )
    assert vectors.shape == (FIRST_TOKEN + len(tokens), dim)
    assert vectors.dtype == np.float32
    return vectors, coverage


@pytest.fixture
def write(tmp_path):
    """Return a function that makes a file of lines."""

    def write(*lines, name="vectors.txt"):
        path = tmp_path / name
        content = b"\n".join(
            line if isinstance(line, bytes) else line.encode("utf-8") for line in lines
        )
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return str(path)

    return write


# Sources


def keyed_vectors():
    """Return a stand-in for gensim's KeyedVectors, with a word that nobody asks for."""
    return SimpleNamespace(
        key_to_index={"other": 0, **{word: i for i, word in enumerate(FOUND, start=1)}},
        vectors=np.vstack([np.full(3, 9), VECTORS]),
        vector_size=3,
    )


@pytest.mark.parametrize(
    "source",
    [
        FOUND,
        MappingProxyType(FOUND),
        {"wheat": (0.5, -1, 2), "rose": VECTORS[1].tolist(), "gold": VECTORS[2], "bank": None},
        keyed_vectors(),
    ],
    ids=["dict", "other mapping", "lists", "keyed vectors"],
)
def test_tables(source):
    vectors, coverage = vectors_of(source)
    assert_array_equal(vectors[FIRST_TOKEN : FIRST_TOKEN + 3], VECTORS)
    assert coverage == 0.6


def test_the_first_row_of_keyed_vectors_counts():
    source = SimpleNamespace(key_to_index={"wheat": 0}, vectors=VECTORS[:1], vector_size=3)
    assert_array_equal(vectors_of(source, ["wheat"])[0][FIRST_TOKEN:], VECTORS[:1])


def test_gensim():
    gensim = pytest.importorskip("gensim.models")
    source = gensim.KeyedVectors(3)
    source.add_vectors(["other", *FOUND], np.vstack([np.full(3, 9), VECTORS]))
    assert_array_equal(vectors_of(source)[0], vectors_of(FOUND)[0])
    clf = LSTMTextClassifier(embedding_dim=3, units=2, epochs=1, embeddings=source)
    fitted = clone(clf).fit(["wheat rose", "gold fell"], [0, 1])
    assert fitted.embedding_coverage_ == 0.75


def test_files_that_gensim_writes(tmp_path):
    gensim = pytest.importorskip("gensim.models")
    source = gensim.KeyedVectors(3)
    source.add_vectors(list(FOUND), VECTORS)
    path = tmp_path / "vectors.txt"
    for write_header in (True, False):
        source.save_word2vec_format(path, write_header=write_header)
        assert_array_equal(vectors_of(path)[0], vectors_of(FOUND)[0])
    source.save_word2vec_format(path, binary=True)
    with pytest.raises(ValueError, match="line 2"):
        vectors_of(path)


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
@pytest.mark.parametrize("make_path", [str, Path])
@pytest.mark.parametrize("header", [[], ["3 3"], ["3 3 "]])
def test_files(name, make_path, header, write):
    path = make_path(write(*header, *LINES, name=name))
    vectors, coverage = vectors_of(path)
    assert_array_equal(vectors, vectors_of(FOUND)[0])
    assert coverage == 0.6


@pytest.mark.parametrize("header", [[], ["3 3"]])
def test_a_byte_order_mark_is_skipped(header, write):
    first, *others = [*header, *LINES]
    vectors, coverage = vectors_of(write(codecs.BOM_UTF8 + first.encode(), *others))
    assert_array_equal(vectors, vectors_of(FOUND)[0])
    assert coverage == 0.6


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line + " ",  # as word2vec and fastText write it
        lambda line: line + "\r",
        lambda line: line.replace(" ", "\t"),
        lambda line: line.replace(" ", "  "),
        lambda line: line + "\n",
        lambda line: line.replace("0.5", "+5E-1"),
        lambda line: line + "\n. . 1 2 3\nat name@domain.com 1 2 3",
        lambda line: line + "\n\u00a0 1 2 3\n\u0085x\u2028y 4 5 6",
        lambda line: line + "\n" + line.split()[0] + " 7 7 7",  # the first one counts
    ],
)
def test_ways_to_write_a_file(change, write):
    vectors, _ = vectors_of(write(*map(change, LINES)))
    assert_array_equal(vectors, vectors_of(FOUND)[0])


def test_words_of_other_scripts_and_with_spaces(write):
    path = write("Größe 1 2 3", "a\u00a0b 4 5 6", "new york 7 8 9", "\U0001f600 1 1 1")
    tokens = ["Größe", "a\u00a0b", "new york", "\U0001f600", "\ud83d"]
    vectors, coverage = vectors_of(path, tokens)
    assert_array_equal(vectors[2:6], [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 1, 1]])
    assert coverage == 0.8


def test_words_are_matched_exactly(write):
    assert vectors_of(write("Wheat 1 2 3", "rose 1 2 3"))[1] == 0.2
    with pytest.raises(ValueError, match=r"no vector for any of the 5 tokens .* such as 'wheat'"):
        vectors_of(write("Wheat 1 2 3"))


def test_a_large_file_takes_little_memory(tmp_path):
    path = tmp_path / "vectors.txt"
    with path.open("w") as file:
        for index in range(20_000):
            file.write(f"word{index}" + " 0.125" * 100 + "\n")
    assert path.stat().st_size > 10**7
    tracemalloc.start()
    vectors, coverage = vectors_of(path, ["word0", "word19999"], dim=100)
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()
    assert coverage == 1
    assert_array_equal(vectors[FIRST_TOKEN:], 0.125)


def test_a_file_is_read_no_further_than_needed(write):
    assert vectors_of(write(*LINES, b"\xff"), WORDS[:3])[1] == 1


# Tokens without a vector


def test_missing_words_are_of_the_same_size():
    rng = np.random.default_rng(0)
    table = {f"word{i}": rng.normal(0.1, 0.4, size=50) for i in range(1000)}
    vectors, coverage = vectors_of(table, [f"word{i}" for i in range(500, 1500)], dim=50)
    found, missing = vectors[FIRST_TOKEN:502], vectors[502:]
    assert coverage == 0.5
    assert_allclose(np.mean(missing**2), np.mean(found**2), rtol=0.02)
    assert len(np.unique(missing)) > 0.99 * missing.size
    assert_array_equal(vectors[0], 0)
    assert_allclose(vectors[UNKNOWN], found.mean(axis=0), atol=1e-6)


def test_missing_words_depend_on_the_seed_only():
    first, second, other = (vectors_of(FOUND, seed=seed)[0] for seed in (0, 0, 1))
    assert_array_equal(first, second)
    assert (first[-2:] != other[-2:]).any(axis=1).all()


# Ids


def test_ids_have_a_mapping_of_ids():
    vectors, coverage = vectors_of({3: VECTORS[0], np.int64(7): VECTORS[1], "9": [1]}, [3, 7, 9])
    assert_array_equal(vectors[2:4], VECTORS[:2])
    assert coverage == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "source", [keyed_vectors(), "glove.txt", Path("glove.txt")], ids=["vectors", "str", "path"]
)
def test_ids_have_no_words(source):
    message = r"^embeddings=.* stands for .* words, but X holds token ids: give .* a mapping"
    with pytest.raises(ValueError, match=message):
        check_source(source, True, 3)


# What is refused


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        ([1, 2], "2 numbers, but embedding_dim=3: set embedding_dim=2"),
        ([[1, 2, 3]], r"a vector has one dimension, got shape \(1, 3\)"),
        (1.5, r"a vector has one dimension, got shape \(\)"),
        ([1, 2, np.nan], "NaN, infinity"),
        ([1, 2, -np.inf], "NaN, infinity"),
        ([1, 2, 1e39], "NaN, infinity, or a number too large for float32"),
        (["a", "b", "c"], "not a vector of numbers: could not convert"),
        ([1, [2], 3], "not a vector of numbers"),
        (object(), "not a vector of numbers"),
    ],
)
def test_bad_vectors_of_a_table_are_named(vector, message):
    with pytest.raises(ValueError, match=f"^embeddings: the vector of 'rose': {message}"):
        vectors_of({**FOUND, "rose": vector})


def test_bad_vectors_that_nobody_asks_for_do_not_matter():
    assert vectors_of({**FOUND, "other": [1, 2]})[1] == 0.6


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((5, 2)), r"embeddings has shape \(5, 2\), but .* need \(5, 3\)"),
        (np.full((5, 3), np.nan), "Input embeddings contains NaN"),
        (np.full((5, 3), "a"), "could not convert"),
    ],
)
def test_bad_arrays(array, message):
    with pytest.raises(ValueError, match=message):
        vectors_of(array)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("rose 1 2", "not a word and 3 numbers: b'rose 1 2'"),
        ("rose", "not a word and 3 numbers"),
        ("rose 1 2 3 4", "not a word and 3 numbers"),
        ("other 1 2", "not a word and 3 numbers"),
        ("other 1 2 3 4", "not a word and 3 numbers"),
        ("rose 1 2 3 bank 1 2 3", None),
        ("1 2 3", "not a word and 3 numbers"),
        ("rose 1 x 3", "not a vector of numbers: could not convert string to float"),
        ("rose 1 0x2 3", "not a vector of numbers"),
        ("rose 1 nan 3", "NaN, infinity"),
        ("rose 1 2 -inf", "NaN, infinity"),
        ("rose 1 2 1e39", "too large for float32"),
        (b"r\xf6se 1 2 3", "'utf-8' codec can't decode"),
        (b"\xff\xfe 1 2 3 4", "'utf-8' codec can't decode|not a word"),
        (b"rose 1 2 \xff", "not a vector of numbers"),
        (b"rose \0\0\x80?", "not a word and 3 numbers: .* It is no text: give what gensim's"),
        ("rose 1 2 3".encode("utf-16"), "'utf-8' codec can't decode"),
    ],
)
def test_bad_lines_are_named(line, message, write):
    path = write("3 3", LINES[0], line, LINES[2])
    if message is None:  # a word with spaces that nobody asks for
        assert vectors_of(path)[1] == 0.4
        return
    with pytest.raises(ValueError, match=message) as error:
        vectors_of(path)
    assert str(error.value).startswith(f"embeddings={path!r}, line 3: ")


@pytest.mark.parametrize("first", ["400000 5", "wheat 1 2 3 4 5", "new york 1 2 3 4 5"])
def test_the_width_to_set_is_named(first, write):
    path = write(first, "rose 1 2 3 4 5")
    with pytest.raises(ValueError, match=r"line 1: 5 numbers, but .*=3: set embedding_dim=5"):
        vectors_of(path)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        check_source(tmp_path / "glove.txt", False, 3)
    assert str(error.value) == (
        f"embeddings={str(tmp_path / 'glove.txt')!r} is neither 'ppmi' nor 'random', and there"
        " is no such file."
    )
    with pytest.raises(IsADirectoryError):
        vectors_of(tmp_path)


def test_damaged_gzip_files(write):
    path = Path(write(*LINES, name="vectors.gz"))
    content = path.read_bytes()
    for damaged in (content[:-9], b"text", content[:20] + b"\xff" * 20, b"\x1f\x8b" + bytes(9)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"vectors\.gz' is a damaged gzip file: "):
            vectors_of(path)


fields = st.one_of(
    st.sampled_from(WORDS).map(str.encode),
    st.floats(-(2.0**100), 2.0**100, width=32).map(str).map(str.encode),
    st.sampled_from([b"1", b"-0.5", b"nan", b"1e99", b"x", b"\xff", b"\xc2\xa0", b"", b"7"]),
    st.binary(max_size=5),
)
lines = st.lists(fields, max_size=5).map(b" ".join) | st.binary(max_size=20)
good_lines = st.tuples(st.sampled_from(WORDS), *[st.floats(-9, 9, width=32)] * 3).map(
    lambda fields: " ".join(map(str, fields)).encode()
)


@given(content=st.lists(lines | good_lines, max_size=6).map(b"\n".join) | st.binary())
@settings(deadline=None, max_examples=500)
def test_any_bytes_are_a_table_or_a_value_error(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "generated.txt"
    path.write_bytes(content)
    try:
        vectors, coverage = vectors_of(path)
    except ValueError as error:
        assert str(error).startswith("embeddings")  # noqa: PT017
    else:
        assert np.isfinite(vectors).all()
        assert 0 < coverage <= 1


# In a classifier

SMALL = {"units": 2, "embedding_dim": 3, "epochs": 2, "random_state": 0}
TEXTS = ["wheat rose", "bank rose", "gold fell", "rates fell"] * 4
LABELS = [0, 0, 1, 1] * 4


def table_of(clf):
    return clf.model_.get_layer("embedding").get_weights()[0]


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", keras.optimizers.Adam(0.1)])
def test_frozen_vectors_stay(trainable, optimizer):
    clf = LSTMTextClassifier(
        **SMALL, embeddings=FOUND, trainable_embeddings=trainable, optimizer=optimizer
    )
    start = table_of(clf.initialize(TEXTS, LABELS))
    before = clf.predict_proba(TEXTS)
    clf.fit(TEXTS, LABELS).partial_fit(TEXTS, LABELS)
    assert (table_of(clf) == start).all() != trainable
    assert (clf.predict_proba(TEXTS) != before).any()
    assert clf.embedding_coverage_ == 0.5
    vocabulary = clf.vectorizer_.vocabulary_
    for word, vector in FOUND.items():
        assert_array_equal(start[FIRST_TOKEN + vocabulary[word]], vector)


@pytest.mark.parametrize("embeddings", ["ppmi", "random", np.ones((6, 3))], ids=type)
def test_any_vectors_can_be_frozen(embeddings):
    clf = LSTMTextClassifier(**SMALL, embeddings=embeddings, trainable_embeddings=False)
    start = table_of(clf.initialize(TEXTS, LABELS))
    assert_array_equal(table_of(clf.fit(TEXTS, LABELS)), start)
    assert hasattr(clf, "embedding_coverage_") == (not isinstance(embeddings, str))


def test_numbers_have_no_vectors_to_freeze():
    X = np.random.default_rng(0).normal(size=(16, 3))
    clf = LSTMTextClassifier(units=2, embedding_dim=None, epochs=1, random_state=0)
    expected = clf.fit(X, LABELS).predict_proba(X)
    clf.set_params(trainable_embeddings=False, embeddings="glove.txt")
    assert_array_equal(clf.fit(X, LABELS).predict_proba(X), expected)


def test_freezing_is_a_matter_of_the_network():
    clf = LSTMTextClassifier(**SMALL, embeddings=FOUND).fit(TEXTS, LABELS)
    clf.set_params(trainable_embeddings=False)
    with pytest.raises(ValueError, match="changed since the last fit: trainable_embeddings"):
        clf.partial_fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="changed since the last fit: trainable_embeddings"):
        clf.set_params(warm_start=True).fit(TEXTS, LABELS)
    start = table_of(clone(clf).initialize(TEXTS, LABELS))
    clf.set_params(warm_start=False).fit(TEXTS, LABELS)
    assert_array_equal(table_of(clf), start)
    clf.set_params(warm_start=True).fit(TEXTS, LABELS)
    assert_array_equal(table_of(clf), start)
    assert clf.n_iter_ == 4


def test_frozen_networks_are_recycled():
    pool.clear()
    clf = LSTMTextClassifier(**SMALL, embeddings=FOUND, trainable_embeddings=False)
    expected = clone(clf).fit(TEXTS, LABELS).predict_proba(TEXTS)
    clone(clf).set_params(random_state=1).fit(TEXTS, LABELS)
    (network,) = pool._idle
    recycled = clone(clf).fit(TEXTS, LABELS)
    assert recycled._model.loan.network is network
    assert_array_equal(recycled.predict_proba(TEXTS), expected)
    trainable = clone(clf).set_params(trainable_embeddings=True).fit(TEXTS, LABELS)
    assert trainable._model.loan.network is not network


def test_an_error_leaves_the_classifier_as_it_was():
    clf = LSTMTextClassifier(**SMALL, embeddings=FOUND).fit(TEXTS, LABELS)
    expected = clf.predict_proba(TEXTS)
    with pytest.raises(FileNotFoundError):
        clf.set_params(embeddings="glove.txt").fit(TEXTS, LABELS)
    assert_array_equal(clf.predict_proba(TEXTS), expected)
    assert clf.embedding_coverage_ == 0.5
    clf.set_params(embeddings="ppmi").fit(TEXTS, LABELS)
    assert not hasattr(clf, "embedding_coverage_")


def test_the_vocabulary_of_ones_own(write):
    # In the order of its numbers, which need not be that of the mapping.
    vectorizer = SequenceVectorizer(vocabulary={"gold": 2, "wheat": 0, "rose": 1})
    clf = LSTMTextClassifier(**SMALL, embeddings=write(*LINES), vectorizer=vectorizer)
    assert_array_equal(table_of(clf.initialize(TEXTS, LABELS))[FIRST_TOKEN:], VECTORS)
    assert clf.embedding_coverage_ == 1


def test_ids():
    X = np.array([[7, 3, 9], [3, 9, 0], [7, 7, 0], [2, 0, 0]] * 4)
    clf = LSTMTextClassifier(**SMALL, embeddings={7: VECTORS[0], 2: VECTORS[1]}).fit(X, LABELS)
    assert clf.embedding_coverage_ == 0.5
    with pytest.raises(ValueError, match="X holds token ids"):
        clf.set_params(embeddings=keyed_vectors()).fit(X, LABELS)


def test_a_grid_search_over_sources(write):
    path = write(*LINES)
    sources = ["ppmi", path, Path(path), FOUND, keyed_vectors()]
    grid = {"embeddings": sources, "trainable_embeddings": [True, False]}
    search = GridSearchCV(LSTMTextClassifier(**SMALL), grid, cv=2, error_score="raise")
    search.fit(TEXTS, LABELS)
    scores = search.cv_results_["mean_test_score"].reshape(len(sources), 2)
    assert_array_equal(scores[1:], np.broadcast_to(scores[1], (4, 2)))
    assert len(search.cv_results_["param_embeddings"]) == 10


@pytest.mark.parametrize("kind", ["path", "mapping", "array"])
def test_pickle(kind, write):
    source = {"path": write(*LINES), "mapping": FOUND, "array": np.ones((6, 3))}[kind]
    clf = LSTMTextClassifier(**SMALL, embeddings=source, trainable_embeddings=False)
    clf.fit(TEXTS, LABELS)
    copied = pickle.loads(pickle.dumps(clf))
    assert_array_equal(copied.predict_proba(TEXTS), clf.predict_proba(TEXTS))
    assert copied.embedding_coverage_ == clf.embedding_coverage_
    assert_array_equal(copied.fit(TEXTS, LABELS).predict_proba(TEXTS), clf.predict_proba(TEXTS))


@pytest.mark.parametrize("make_path", [str, Path])
def test_a_saved_path_is_a_string_that_only_fit_reads(make_path, write, tmp_path):
    path = write(*LINES)
    clf = LSTMTextClassifier(
        **SMALL, embeddings=make_path(path), trainable_embeddings=False, warm_start=True
    ).fit(TEXTS, LABELS)
    clf.save(tmp_path / "model.skrnn", with_optimizer=True)
    Path(path).rename(path + ".away")
    loaded = skrnn.load(tmp_path / "model.skrnn")
    assert loaded.embeddings == path
    assert loaded.trainable_embeddings is False
    assert loaded.embedding_coverage_ == clf.embedding_coverage_
    assert_array_equal(loaded.predict_proba(TEXTS), clf.predict_proba(TEXTS))
    for other in (loaded, clf):
        other.fit(TEXTS, LABELS)
    assert_array_equal(loaded.predict_proba(TEXTS), clf.predict_proba(TEXTS))
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        loaded.set_params(warm_start=False).fit(TEXTS, LABELS)


@pytest.mark.parametrize("source", [FOUND, keyed_vectors()], ids=["mapping", "keyed vectors"])
def test_tables_are_not_saved(source, tmp_path):
    path = tmp_path / "model.skrnn"
    clf = LSTMTextClassifier(**SMALL, embeddings=source).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match=r"^embeddings=.* cannot be saved without pickle\. Pick"):
        clf.save(path)
    clf.set_params(embeddings="random").save(path)
    assert_array_equal(skrnn.load(path).predict_proba(TEXTS), clf.predict_proba(TEXTS))


def test_vectors_of_hardly_any_word():
    words = [f"word{number} gold" for number in range(20)]
    with pytest.warns(UserWarning, match=r"^4\.8% of the vocabulary have a vector in embeddings"):
        LSTMTextClassifier(**SMALL, embeddings={"gold": np.ones(3)}).fit(words, [0, 1] * 10)


def test_export_of_a_frozen_network():
    clf = LSTMTextClassifier(**SMALL, embeddings=FOUND, trainable_embeddings=False)
    clf.fit(TEXTS, LABELS)
    ids = clf.vectorizer_.transform(TEXTS)
    expected = clf.predict_proba(TEXTS)
    assert_allclose(clf.to_keras().predict(ids, verbose=0), expected, atol=1e-6)
    assert_allclose(clf.model_.predict(ids, verbose=0), expected, atol=1e-6)
    assert not clf.model_.get_layer("embedding").trainable
    attributions = skrnn.inspection.token_attributions(clf, TEXTS[:2])
    assert len(attributions) == 2
