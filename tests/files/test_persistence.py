import copy
import io
import json
import pickle
import re
import resource
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import cloudpickle
import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

import skrnn
from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn._files import archive
from skrnn._files.plain import encode
from skrnn._network.stages import weight_shapes

pytestmark = pytest.mark.filterwarnings("ignore:y holds the single class")

SMALL = {"units": 3, "embedding_dim": 4, "epochs": 1, "random_state": 0}
DATA = Path(__file__).parent

TEXTS = ["wheat and maize", "maize exports rose", "", "gold mine", "bank cut rates", "rates"] * 3
LABELS = ["grain", "grain", "none", "metal", "money", "money"] * 3
TOKENS = [text.split() for text in TEXTS]
IDS = np.array([[7, 3, 9], [3, 5, 0], [0, 0, 0], [2, 0, 0], [9, 9, 4], [4, 0, 0]] * 3)
NUMBERS = np.random.default_rng(0).normal(size=(18, 4))
INDICATORS = np.eye(4, dtype=int)[np.arange(18) % 4]
SEVERAL = INDICATORS | np.roll(INDICATORS, 1, axis=1) * (np.arange(18) % 2)[:, np.newaxis]
MANY_WORDS = [" ".join(f"w{i}x{j}" for j in range(4)) for i in range(18)]

KINDS = {
    "texts": ({}, TEXTS, LABELS),
    "parts": ({}, ["walking and talking", "walked", "tree", "trees"] * 4, [0, 1] * 8),
    "no parts": ({"subwords": False}, ["walking and talking", "walked"] * 4, [0, 1] * 4),
    "unusual words": ({}, ["\ud83d\ude00a maize", "\ude00\ud83dGröße \x7f\\"] * 4, [0, 1] * 4),
    "vectorizer": (
        {
            "vectorizer": SequenceVectorizer(
                ngram_range=(1, 2), stop_words=["and"], maxlen=4, truncating="pre", oov="drop"
            )
        },
        TEXTS,
        LABELS,
    ),
    "vocabulary": (
        {"vectorizer": SequenceVectorizer(vocabulary={"rates": 1, "wheat": 0})},
        TEXTS,
        LABELS,
    ),
    "tokens, one direction": ({"bidirectional": False, "pooling": "max"}, TOKENS, LABELS),
    "ids": ({"pooling": "mean"}, IDS, LABELS),
    "attention": ({"pooling": "attention"}, TOKENS, LABELS),
    "lists of ids": ({"pooling": "last"}, [row[row > 0].tolist() for row in IDS], LABELS),
    "numbers": (
        {"embedding_dim": None, "bidirectional": False, "recurrent_dropout": 0.1},
        NUMBERS,
        LABELS,
    ),
    "frame": (
        {"embedding_dim": None, "units": [2, 3], "depth": 2},
        pd.DataFrame(NUMBERS, columns=list("abcd")),
        LABELS,
    ),
    "3-D numbers": (
        {"embedding_dim": None, "bidirectional": False, "units": [2, 3], "depth": 2},
        NUMBERS.reshape(18, 2, 2),
        LABELS,
    ),
    "several labels": ({}, TEXTS, SEVERAL),
    "one-hot": ({}, TEXTS, INDICATORS),
    "int": (
        {"class_weight": {np.int64(3): 1.5, -1: 1.0}},
        TEXTS,
        np.array([-1, 3] * 9, dtype="int16"),
    ),
    "float": ({"dropout": np.float32(0.1)}, TEXTS, np.array([1.0, 2.0] * 9)),
    "bool": ({"optimizer": "rmsprop"}, TEXTS, np.array([True, False] * 9)),
    "object": ({"callbacks": ()}, TEXTS, np.array(LABELS, dtype=object)),
    "one class": ({}, TEXTS, ["only"] * 18),
    "numbers of numpy": (
        {
            "units": np.int64(4),
            "embedding_dim": np.int32(8),
            "bidirectional": np.True_,
            "vectorizer": SequenceVectorizer(maxlen=np.int64(3)),
        },
        TEXTS,
        LABELS,
    ),
    "room": ({"random_state": np.int64(3)}, MANY_WORDS, np.arange(18)),
    "optimizer": (
        {
            "optimizer": keras.optimizers.AdamW(
                keras.optimizers.schedules.CosineDecay(0.1, 10), clipnorm=0.5
            )
        },
        TEXTS,
        LABELS,
    ),
    "embeddings": (
        {"embeddings": np.arange(40, dtype=np.float32).reshape(10, 4) / 40},
        TEXTS,
        LABELS,
    ),
    "embeddings in double precision": (
        {"embeddings": np.arange(40.0).reshape(10, 4) / 32},
        TEXTS,
        LABELS,
    ),
}


@pytest.fixture(scope="module")
def fitted():
    """Return the classifier of a kind, fitted once."""
    classifiers = {}

    def get(kind):
        if kind not in classifiers:
            params, X, y = KINDS[kind]
            classifiers[kind] = LSTMTextClassifier(**{**SMALL, **params}).fit(X, y)
        return classifiers[kind]

    return get


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.skrnn"


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def npy(array, **kwargs):
    stream = io.BytesIO()
    np.save(stream, array, **kwargs)
    return stream.getvalue()


# What is kept


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind, fitted, path):
    clf = fitted(kind)
    X = KINDS[kind][1]
    clf.save(path)
    loaded = skrnn.load(path)
    assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))
    assert_array_equal(loaded.predict(X), clf.predict(X))
    assert loaded.predict(X).dtype == clf.predict(X).dtype

    assert vars(loaded).keys() == vars(clf).keys()
    assert loaded.n_classes_ == clf.n_classes_
    assert loaded.classes_.dtype == clf.classes_.dtype
    assert loaded.history_ == clf.history_
    assert loaded.n_iter_ == clf.n_iter_
    assert loaded._model.seeds == clf._model.seeds
    assert loaded._model.loan.architecture == clf._model.loan.architecture
    assert loaded._model.targets.is_matrix == clf._model.targets.is_matrix
    assert loaded._model.targets.multilabel == clf._model.targets.multilabel
    if hasattr(clf, "vectorizer_"):
        assert loaded.vectorizer_.vocabulary_ == clf.vectorizer_.vocabulary_
        assert loaded.vectorizer_.get_params() == clf.vectorizer_.get_params()
        assert loaded.vectorizer_.maxlen_ == clf.vectorizer_.maxlen_
        assert loaded.vectorizer_.fixed_vocabulary_ == clf.vectorizer_.fixed_vocabulary_
    for name in ("feature_names_in_", "n_features_in_"):
        assert_array_equal(getattr(loaded, name, None), getattr(clf, name, None))

    before, after = clf.get_params(), loaded.get_params()
    for params in (before, after):
        params.pop("vectorizer")
        if not isinstance(params["optimizer"], str):
            params["optimizer"] = params["optimizer"].get_config()
        params["embeddings"] = np.array(params["embeddings"]).tolist()
    assert after == before


@pytest.mark.parametrize(
    "kind", ["texts", "ids", "numbers", "several labels", "room", "optimizer"]
)
def test_training_goes_on(kind, fitted, path):
    clf = copy.deepcopy(fitted(kind))
    X, y = KINDS[kind][1:]
    clf.save(path, with_optimizer=True)
    loaded = skrnn.load(path)
    for _ in range(2):
        assert_array_equal(
            loaded.partial_fit(X, y).predict_proba(X), clf.partial_fit(X, y).predict_proba(X)
        )
    assert loaded.history_ == clf.history_


# `LossScaleOptimizer` holds another one, and the last two are not for single use.
OPTIMIZERS = {
    name: optimizer
    for name, optimizer in vars(keras.optimizers).items()
    if isinstance(optimizer, type)
    and name not in ("LossScaleOptimizer", "MultiOptimizer", "OptimizerMap", "Optimizer")
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_of_keras(name, path):
    clf = LSTMTextClassifier(**SMALL, optimizer=OPTIMIZERS[name](0.01)).initialize(TEXTS, LABELS)
    clf.save(path, with_optimizer=True)
    loaded = skrnn.load(path)
    assert type(loaded.optimizer) is OPTIMIZERS[name]
    assert loaded.optimizer.get_config() == clf.optimizer.get_config()
    before, after = clf._model.loan, loaded._model.loan
    assert after.architecture == before.architecture
    for one, other in zip(before.network.get_state(), after.network.get_state(), strict=True):
        assert_array_equal(one, other)


def test_training_starts_anew_without_the_optimizer(fitted, path):
    fitted("texts").save(path)
    first, second = skrnn.load(path), skrnn.load(path)
    assert int(first._model.loan.network.model.optimizer.iterations) == 0
    first.partial_fit(TEXTS, LABELS)
    LSTMTextClassifier(**SMALL).fit(TEXTS[::-1], LABELS)
    second.partial_fit(TEXTS, LABELS)
    assert_array_equal(first.predict_proba(TEXTS), second.predict_proba(TEXTS))
    assert first.n_iter_ == 2


@pytest.mark.parametrize("kind", ["texts", "room"])
def test_a_fresh_process_predicts_the_same(kind, fitted, path):
    clf = fitted(kind)
    X = KINDS[kind][1]
    clf.save(path)
    program = f"""
import json, sys, numpy, skrnn
clf = skrnn.load({str(path)!r})
print(json.dumps(clf.predict_proba(json.load(sys.stdin)).tolist()))
"""
    process = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(X),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == clf.predict_proba(X).tolist()


def test_a_refit_is_the_same(fitted, path):
    for kind in ("texts", "embeddings", "optimizer"):
        clf = fitted(kind)
        clf.save(path)
        refitted = skrnn.load(path).fit(TEXTS, LABELS)
        assert_array_equal(refitted.predict_proba(TEXTS), clf.predict_proba(TEXTS))


def test_vectors_of_a_loaded_classifier_can_be_changed(fitted, path):
    fitted("embeddings").save(path)
    loaded = skrnn.load(path)
    loaded.embeddings[0] = 5
    assert loaded.embeddings[0].tolist() == [5] * 4


def test_vectors_in_any_order_of_memory(path):
    vectors = np.asfortranarray(KINDS["embeddings"][0]["embeddings"])
    LSTMTextClassifier(**SMALL, embeddings=vectors).initialize(TEXTS, LABELS).save(path)
    assert_array_equal(skrnn.load(path).embeddings, vectors)


def test_an_initialized_classifier(path):
    clf = LSTMTextClassifier(**SMALL).initialize(TEXTS, LABELS)
    clf.save(path)
    loaded = skrnn.load(path)
    assert_array_equal(loaded.predict_proba(TEXTS), clf.predict_proba(TEXTS))
    assert loaded.n_iter_ == 0


def test_a_history_that_lacks_values(path):
    clf = LSTMTextClassifier(**SMALL, warm_start=True).fit(TEXTS, LABELS)
    clf.fit(TEXTS, LABELS, X_val=TEXTS, y_val=LABELS)
    clf.save(path)
    history = skrnn.load(path).history_
    assert history.keys() == clf.history_.keys()
    for name, values in clf.history_.items():
        assert len(history[name]) == 2
        assert_array_equal(history[name], values)


def by_joblib(clf, path):
    joblib.dump(clf, path)
    return joblib.load(path)


COPIES = {
    "pickle": lambda clf, _: pickle.loads(pickle.dumps(clf)),
    "cloudpickle": lambda clf, _: cloudpickle.loads(cloudpickle.dumps(clf)),
    "joblib": by_joblib,
    "deepcopy": lambda clf, _: copy.deepcopy(clf),
}


@pytest.mark.parametrize("way", COPIES)
def test_other_ways_to_copy(way, fitted, path):
    clf = fitted("texts")
    clf.save(path, with_optimizer=True)
    for original in (copy.deepcopy(clf), skrnn.load(path)):
        copied = COPIES[way](original, path)
        expected = original.predict_proba(TEXTS)
        assert_array_equal(copied.predict_proba(TEXTS), expected)
        assert copied.history_ == original.history_
        copied.partial_fit(TEXTS, LABELS)
        assert_array_equal(original.predict_proba(TEXTS), expected)
        original.partial_fit(TEXTS, LABELS)
        assert_array_equal(copied.predict_proba(TEXTS), original.predict_proba(TEXTS))


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_of_an_unfitted_classifier(way, path):
    clf = LSTMTextClassifier(**SMALL)
    copied = COPIES[way](clf, path)
    assert repr(copied) == repr(clf)
    assert not hasattr(copied, "classes_")


# The file


def test_a_file_is_hardly_larger_than_what_it_keeps(path):
    words = [f"word{index}" for index in range(4_700)]
    texts = [" ".join(words[start : start + 100]) for start in range(0, 4_700, 100)]
    clf = LSTMTextClassifier(epochs=1, units=16, embedding_dim=64, embeddings="random")
    clf.fit(texts * 2, [*range(47)] * 2)
    clf.save(path)
    weights = sum(weight.nbytes for weight in clf.model_.get_weights() if weight.dtype == "f4")
    size = path.stat().st_size
    assert size < 1.1 * (weights + len("".join(words)))
    assert size < len(pickle.dumps(clf)) / 3
    clf.save(path, with_optimizer=True)
    assert path.stat().st_size > 3 * weights


def test_equal_classifiers_give_equal_files(fitted, path):
    fitted("texts").save(path)
    content = path.read_bytes()
    skrnn.load(path).save(path)
    assert path.read_bytes() == content


def test_sets_are_written_in_one_order():
    assert encode("stop_words", set("hgfedcba")) == {"set": list("abcdefgh")}


def test_the_weights_of_every_network_are_known(fitted):
    for kind in KINDS:
        loan = fitted(kind)._model.loan
        shapes = {
            variable.path: tuple(variable.shape)
            for variable in loan.network.model.weights
            if "seed_generator" not in variable.path
            # Which parts a word has follows from the vocabulary.
            and variable.path not in ("parts/values", "parts/offsets", "normalization/count")
        }
        assert weight_shapes(loan.architecture.padded()) == shapes


def test_a_file_of_schema_1():
    # Written by this version; it must stay readable by all later ones.
    expected = json.loads((DATA / "schema_1.json").read_text())
    clf = skrnn.load(DATA / "schema_1.skrnn")
    np.testing.assert_allclose(
        clf.predict_proba(expected["texts"]), expected["probabilities"], rtol=1e-4
    )
    assert clf.predict(expected["texts"]).tolist() == expected["labels"]
    assert clf.n_iter_ == 3
    assert clf._model.loan.architecture.trainable_embeddings


def test_a_failed_save_leaves_the_old_file(fitted, path, monkeypatch):
    fitted("texts").save(path)
    content = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(archive.np.lib.format, "write_array", fail)
    with pytest.raises(OSError, match="no space"):
        fitted("texts").save(path)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


# What cannot be kept


def tokenize(text):
    return text.split()


@keras.saving.register_keras_serializable(package="tests")
class Foreign(keras.optimizers.SGD):
    pass


@keras.saving.register_keras_serializable(package="tests")
class ForeignRate(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1

    def get_config(self):
        return {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vectorizer__tokenizer", tokenize),
        ("vectorizer__preprocessor", str.lower),
        ("callbacks", [keras.callbacks.TerminateOnNaN()]),
        ("random_state", np.random.RandomState(0)),
        ("random_state", np.random.default_rng(0)),
        ("optimizer", Foreign()),
        ("optimizer.learning_rate", keras.optimizers.SGD(ForeignRate())),
        ("optimizer.exclude_layers", keras.optimizers.Muon(1e-2, exclude_layers=["(a+)+!"])),
    ],
)
def test_a_parameter_that_cannot_be_saved_is_named(name, value, path):
    params = {name.partition(".")[0]: value}
    clf = LSTMTextClassifier(**SMALL).set_params(**params)
    clf.fit(TEXTS, LABELS)
    message = rf"^{re.escape(name)}=.* cannot be saved without pickle[.:]"
    with pytest.raises(ValueError, match=message):
        clf.save(path)
    assert not path.exists()
    if name in ("callbacks", "random_state"):
        clf.set_params(callbacks=None, random_state=None).save(path)
        assert_array_equal(skrnn.load(path).predict_proba(TEXTS), clf.predict_proba(TEXTS))
    assert_array_equal(
        pickle.loads(pickle.dumps(clf)).predict_proba(TEXTS), clf.predict_proba(TEXTS)
    )


def test_training_goes_on_from_the_weights_without_an_optimizer(path):
    optimizers = ["adam"]
    if hasattr(keras.optimizers, "ScheduleFreeAdamW"):
        optimizers.append("schedulefreeadamw")
    for optimizer in optimizers:
        clf = LSTMTextClassifier(**SMALL, optimizer=optimizer, learning_rate=1e-6).fit(
            TEXTS, LABELS
        )
        clf.save(path)
        again = skrnn.load(path).partial_fit(TEXTS, LABELS)
        np.testing.assert_allclose(again.predict_proba(TEXTS), clf.predict_proba(TEXTS), atol=1e-4)


def test_the_rate_is_that_of_the_last_fit(path):
    clf = LSTMTextClassifier(**SMALL).fit(TEXTS, LABELS)
    clf.save(path)
    again = skrnn.load(path)
    last = float(clf.model_.optimizer.learning_rate)
    assert float(again.model_.optimizer.learning_rate) == last > 0
    rates = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    again.set_params(callbacks=rates).partial_fit(TEXTS, LABELS)
    assert float(again.model_.optimizer.learning_rate) == pytest.approx(last / 2)


def test_a_rate_that_a_callback_multiplies_starts_anew_where_the_file_has_none(path):
    LSTMTextClassifier(**SMALL).fit(TEXTS, LABELS).save(path)
    members = members_of(path)
    document = json.loads(members["estimator.json"])
    del document["learning_rate"]  # the first files do not have it
    write(path, {**members, "estimator.json": json.dumps(document)})
    clf = skrnn.load(path)
    rates = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    clf.set_params(callbacks=rates).partial_fit(TEXTS, LABELS)
    assert clf.history_["loss"][1] != clf.history_["loss"][0]
    assert (clf.predict_proba(TEXTS) != skrnn.load(path).predict_proba(TEXTS)).any()


def test_a_private_file_stays_private(fitted, path):
    fitted("texts").save(path)
    path.chmod(0o600)
    fitted("texts").save(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_long_name(fitted, tmp_path):
    """As long as most systems allow."""
    path = tmp_path / ("é" * 127)
    fitted("texts").save(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_name_is_no_pattern(tmp_path):
    left, other = (
        tmp_path / f"{archive._aside(tmp_path / name)}{'0' * 16}" for name in ("c+(1)", "cc1")
    )
    for file in (left, other):
        file.write_text("")
    archive.remove_unfinished(tmp_path / "c+(1)")
    archive.remove_unfinished(tmp_path / "c.1")
    assert list(tmp_path.iterdir()) == [other]


def test_paths_become_strings(path, tmp_path):
    clf = LSTMTextClassifier(**SMALL, checkpoint=tmp_path / "c").fit(TEXTS, LABELS)
    clf.save(path)
    assert skrnn.load(path).checkpoint == str(tmp_path / "c")


def test_a_subclass_cannot_be_saved(path):
    class Own(LSTMTextClassifier):
        pass

    with pytest.raises(ValueError, match="Own cannot be saved without pickle: it is a subclass"):
        Own(**SMALL).fit(TEXTS, LABELS).save(path)


def test_not_fitted(path):
    with pytest.raises(NotFittedError):
        LSTMTextClassifier().save(path)


def test_another_dtype_policy_is_named(fitted, path):
    fitted("texts").save(path)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(ValueError, match=r"policy 'float32', and now .* is 'mixed_float16'"):
            skrnn.load(path)
    finally:
        keras.config.set_dtype_policy("float32")


def test_any_layout_of_images(fitted, path, channels_first):
    clf = fitted("texts")
    expected = clf.predict_proba(TEXTS)
    clf.save(path)
    with skrnn.config_context(recycle=False):
        assert_array_equal(skrnn.load(path).predict_proba(TEXTS), expected)


# Files from anybody


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Return a small file and the predictions of its classifier."""
    path = tmp_path_factory.mktemp("good") / "model.skrnn"
    params = {**SMALL, "units": 1, "embedding_dim": 1}
    clf = LSTMTextClassifier(**params).fit(TEXTS, LABELS)
    clf.save(path, with_optimizer=True)
    return path, clf.predict_proba(TEXTS)


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def refused(path):
    """Return the error about a file, None where the file is accepted."""
    try:
        skrnn.load(path)
    except ValueError as error:
        reason = error
    else:
        return None
    assert str(reason).startswith(f"{str(path)!r} cannot be loaded: ")
    return reason


def test_a_pickle_is_told_from_a_file_of_save(path):
    path.write_bytes(pickle.dumps(LSTMTextClassifier()))
    assert "A pickle is loaded by pickle or joblib." in str(refused(path))


def test_1000_mutations_of_bytes(good, path):
    source, expected = good
    content = source.read_bytes()
    rng = np.random.default_rng(0)
    before = peak_memory()
    n_accepted = 0
    for _ in range(1_000):
        mutated = bytearray(content)
        for _ in range(rng.integers(1, 4)):
            start = int(rng.integers(len(mutated)))
            stop = start + int(rng.choice([1, 1, 2, 4, 100]))
            match rng.integers(6):
                case 0:
                    mutated[start] ^= 1 << int(rng.integers(8))
                case 1:
                    mutated[start:stop] = rng.bytes(min(stop, len(mutated)) - start)
                case 2:
                    del mutated[start:stop]
                case 3:
                    mutated[start:start] = mutated[start:stop]
                case 4:
                    mutated[start:stop] = bytes([rng.choice([0, 255])]) * (stop - start)
                case 5:
                    # The directory at the end is where zipfile's own checks are.
                    mutated[-int(rng.integers(1, 3000))] = int(rng.integers(256))
        path.write_bytes(mutated)
        if refused(path) is None:
            n_accepted += 1
            assert_array_equal(skrnn.load(path).predict_proba(TEXTS), expected)
    assert 0 < n_accepted < 500  # of dates and the like
    assert peak_memory() - before < 200


def leaves(value, path=()):
    """Yield the ways to all values inside of a JSON document."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from leaves(value[index], (*path, index))


JUNK = [None, -1, 0, 3, 10**12, 10**400, 1.5, "x", "\0", [], {}, [[]], {"x": 1}, {"tuple": "x"}]


def test_100_mutations_of_the_structure(good, path):
    source, expected = good
    members = members_of(source)
    document = json.loads(members["estimator.json"])
    ways = [way for way in leaves(document) if way]
    rng = np.random.default_rng(0)
    before = peak_memory()
    n_refused = 0
    for number in range(100):
        changed = copy.deepcopy(document)
        way = ways[rng.integers(len(ways))]
        holder = changed
        for key in way[:-1]:
            holder = holder[key]
        if number % 10 == 0:
            del holder[way[-1]]
        elif number % 10 == 1 and isinstance(holder, dict):
            holder["more"] = holder.pop(way[-1])
        else:
            holder[way[-1]] = JUNK[rng.integers(len(JUNK))]
        write(path, {**members, "estimator.json": json.dumps(changed)})
        if refused(path) is not None:
            n_refused += 1
            continue
        probabilities = skrnn.load(path).predict_proba(TEXTS)
        # Other words and other ways to find them are legitimate, if another model.
        if way[0] in ("reader", "architecture"):
            assert probabilities.shape == expected.shape
            np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
        else:
            assert_array_equal(probabilities, expected)
    assert n_refused > 50
    assert peak_memory() - before < 200


KERNEL = "weights/output/kernel.npy"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy(np.zeros((5, 4), "f4")), "is not an array of shape"),
        (npy(np.zeros((4, 4), "f8")), "is not an array of shape"),
        (npy(np.zeros((4, 4), ">f4")), "is not an array of shape"),
        (npy(np.zeros((4, 4), "i4")), "is not an array of shape"),
        (npy(np.zeros((16,), "f4")), "is not an array of shape"),
        (npy(np.asfortranarray(np.zeros((4, 4), "f4"))), "is not an array of shape"),
        (npy(np.zeros((4, 4), "f4")) + b"\0", "is not an array of shape"),
        (npy(np.zeros((4, 4), "f4"))[:-1], "is not an array of shape"),
        (npy(np.zeros((4, 4), "f4")).replace(b"(4, 4)", b"(-4,-4)"), None),
        (npy(np.zeros((4, 4), "f4")).replace(b"(4, 4)", b"(4,9**9)"), None),
        (npy(np.zeros((4, 4), "f4")).replace(b"'<f4'", b"'|O'  "), None),
        (npy(np.zeros((4, 4), "f4")).replace(b"{", b"("), None),
        (npy(np.zeros((4, 4), "f4")).replace(b"NUMPY", b"LUMPY"), "magic"),
        (npy(np.zeros((4, 4), "f4")).replace(b"NUMPY\x01", b"NUMPY\x02"), "is not an array"),
        (b"", "is not an array of shape"),
        (bytes(1_000_000), "is not an array of shape"),
    ],
)
@pytest.mark.filterwarnings("ignore:Reading `.npy`:UserWarning")
def test_a_wrong_array_is_refused(content, message, fitted, path):
    clf = LSTMTextClassifier(**{**SMALL, "units": 1, "pooling": "max+mean"}).fit(TEXTS, LABELS)
    clf.save(path)
    members = members_of(path)
    assert members[KERNEL].startswith(npy(np.zeros((4, 4), "f4"))[:80])
    write(path, {**members, KERNEL: content})
    assert message is None or message in str(refused(path))
    assert refused(path)


def changed(members, *way, to):
    document = json.loads(members["estimator.json"])
    holder = document
    for key in way[:-1]:
        holder = holder[key]
    holder[way[-1]] = to
    return {**members, "estimator.json": json.dumps(document)}


def without(members, name):
    return {key: value for key, value in members.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: without(m, KERNEL), f"the member {KERNEL} is missing"),
        (lambda m: without(m, "estimator.json"), "the member estimator.json is missing"),
        (lambda m: without(m, "state/0.npy"), "the member state/0.npy is missing"),
        (lambda m: {**m, "more.npy": m[KERNEL]}, "the member more.npy is unexpected"),
        (lambda m: {**m, "../x.npy": m[KERNEL]}, "'../x.npy' is not allowed"),
        (lambda m: {**m, "/x.npy": m[KERNEL]}, "'/x.npy' is not allowed"),
        (lambda m: {**m, "code.py": b"raise SystemExit"}, "'code.py' is not allowed"),
        (lambda m: {**m, "estimator.json": b"{"}, "Expecting property name"),
        (lambda m: {**m, "estimator.json": b"[" * 10**6}, "RecursionError"),
        (lambda m: {**m, "estimator.json": b"1" * 10**6}, "Exceeds the limit"),
        (lambda m: {**m, "estimator.json": b"\xff"}, "can't decode"),
        (lambda m: {**m, "estimator.json": b"[]"}, "does not have the fields schema"),
        (lambda m: changed(m, "schema", to=2), r"has schema 2, and skrnn .* reads 1"),
        (lambda m: changed(m, "class", to="os.system"), "The 'class' parameter"),
        (lambda m: changed(m, "architecture", "vocabulary_size", to=10**9), "belong together"),
        (lambda m: changed(m, "architecture", "units", to=[10**9]), "is not an array of shape"),
        (lambda m: changed(m, "architecture", "units", to=[-1]), "The 'units' parameter"),
        (lambda m: changed(m, "architecture", "units", to=[1] * 10**5), "lstm_1/.* is missing"),
        (lambda m: changed(m, "classes", "labels", to=list("abda")), "classes are not a sorted"),
        (lambda m: changed(m, "classes", "labels", to=list("abbd")), "classes are not a sorted"),
        (
            lambda m: changed(m, "classes", to={"dtype": "int8", "labels": [0, 1.5, 2, 3]}),
            "classes are not a sorted",
        ),
        (lambda m: changed(m, "classes", "labels", to=list("abc")), "do not belong together"),
        (lambda m: changed(m, "architecture", "frame_length", to=2), "do not belong together"),
        (
            lambda m: changed(
                m, "parameters", "optimizer", to={"SGD": {"exclude_layers": ["(a+)+!"]}}
            ),
            "it is a regular expression",
        ),
        (lambda m: changed(m, "classes", "dtype", to="U99999999"), "KeyError"),
        (lambda m: changed(m, "parameters", "epochs", to=0), "'epochs' parameter of LSTMText"),
        (
            lambda m: changed(m, "parameters", "optimizer", to={"this.Zen": {}}),
            "of the unknown kind 'this.Zen'",
        ),
        (
            lambda m: changed(m, "architecture", "optimizer", to={"os.system": {"command": "x"}}),
            "of the unknown kind 'os.system'",
        ),
        (lambda m: changed(m, "reader", "maxlen", to=0), "maxlen is not a positive integer"),
        (
            lambda m: changed(m, "reader", "vectorizer", to={"SGD": {}}),
            "does not seem to be a scikit-learn estimator",
        ),
    ],
)
def test_a_made_up_file_is_refused(change, message, good, path):
    write(path, change(members_of(good[0])))
    modules = set(sys.modules)
    assert re.search(message, str(refused(path)))
    assert "this" not in modules | set(sys.modules)


class Bomb:
    def __reduce__(self):
        return Path.touch, (Path("executed"),)


def test_nothing_is_executed(good, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members = members_of(good[0])
    pickled = npy(np.array([Bomb()], dtype=object), allow_pickle=True)
    for content in (pickled, pickle.dumps(Bomb())):
        for name in members:
            write(path, {**members, name: content})
            assert refused(path)
        path.write_bytes(content)
        assert refused(path)
    assert not Path("executed").exists()
    assert pickle.loads(pickle.dumps(Bomb())) is None
    assert Path("executed").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_members_are_stored_once_and_in_full(good, path):
    members = members_of(good[0])
    write(path, members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(KERNEL, members[KERNEL])
    assert "is there twice" in str(refused(path))

    for compression in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        write(path, {**members, KERNEL: bytes(3 * 10**7)}, compression)
        tracemalloc.start()
        assert "is compressed" in str(refused(path))
        assert tracemalloc.get_traced_memory()[1] < 10**7
        tracemalloc.stop()


def test_a_size_is_not_believed(good, path):
    content = bytearray(good[0].read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 20 : entry + 28] = (10**9).to_bytes(4, "little") * 2
    path.write_bytes(content)
    assert "larger than the file" in str(refused(path))


def test_no_zip_at_all(path):
    for content in (b"", b"PK", b"text\n", pickle.dumps([1, 2]), bytes(10**6)):
        path.write_bytes(content)
        assert "File is not a zip file" in str(refused(path))
    path.unlink()
    with pytest.raises(FileNotFoundError):
        skrnn.load(path)
    with pytest.raises(IsADirectoryError):
        skrnn.load(path.parent)
