import json

import pytest

from skrnn.datasets import load_reuters
from skrnn.datasets._reuters import TOPICS


@pytest.fixture(scope="module")
def run(run_offline):
    """Return a function that runs a script without a network, with warnings as errors."""

    def run(script, keras_home):
        process = run_offline("-W", "error", "-c", script, keras_home=keras_home)
        assert process.returncode == 0, process.stderr
        return process.stdout

    return run


@pytest.fixture(scope="module")
def offline_error(run):
    """Return a function that gives the message of the error without a network, or ""."""

    def offline_error(params, keras_home):
        script = f"""
from skrnn.datasets import load_reuters
try:
    load_reuters({params})
except FileNotFoundError as error:
    assert error.__suppress_context__
    assert error.__cause__ is None
    print("ERROR", error)
"""
        *_, message = run(script, keras_home).partition("ERROR ")
        return message.removesuffix("\n")

    return offline_error


@pytest.fixture(scope="module")
def facts(tmp_path_factory, make_keras_home, run):
    keras_home = make_keras_home(tmp_path_factory.mktemp("keras"))
    # Whatever load_reuters itself prints makes the output something else than JSON.
    script = """
import json
from skrnn.datasets import load_reuters
seed = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)
again = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)
plain = load_reuters(num_words=100, decode=False)
tiny = load_reuters(maxlen=3)
import warnings
from keras.datasets import reuters
warnings.simplefilter("ignore")
(ids, _), _ = reuters.load_data(num_words=30_000, maxlen=50, test_split=0.3)
print(json.dumps({
    "keys": sorted(seed),
    "types": [type(seed.ids_train).__name__, type(seed.ids_train[0]).__name__,
              type(seed.ids_train[0][0]).__name__, str(seed.y_train.dtype)],
    "ids": [seed.ids_train, seed.ids_test],
    "y": [seed.y_train.tolist(), seed.y_test.tolist()],
    "texts": [seed.texts_train, seed.texts_test],
    "target_names": seed.target_names,
    "DESCR": seed.DESCR,
    "deterministic": again.ids_train == seed.ids_train,
    "as in Keras": ids.tolist() == seed.ids_train,
    "plain keys": sorted(plain),
    "plain sizes": [len(plain.ids_train), len(plain.ids_test)],
    "plain largest id": max(map(max, plain.ids_train)),
    "tiny": [tiny.ids_train, tiny.ids_test, str(tiny.y_train.dtype), tiny.texts_test],
}))
"""
    return json.loads(run(script, keras_home))


def test_bunch(facts):
    split = [f"{name}_{part}" for name in ("ids", "texts", "y") for part in ("test", "train")]
    assert facts["keys"] == sorted(["DESCR", "target_names", *split])
    assert facts["types"] == ["list", "list", "int", "int64"]
    assert facts["target_names"] == list(TOPICS)
    assert "1395 for training, 599 for testing" in facts["DESCR"]
    assert facts["deterministic"]
    assert facts["as in Keras"]


def test_short_documents(facts):
    (train, test), (y_train, y_test) = facts["ids"], facts["y"]
    assert [len(train), len(test), len(y_train), len(y_test)] == [1395, 599, 1395, 599]
    assert max(map(len, train + test)) == 49
    assert max(map(max, train + test)) < 30_000
    assert len({*y_train, *y_test}) == 35
    earn = TOPICS.index("earn")
    assert y_test.count(earn) / len(y_test) == pytest.approx(0.748, abs=5e-4)


def test_decoded_texts(facts):
    for documents, texts in zip(facts["ids"], facts["texts"], strict=True):
        assert len(documents) == len(texts)
        for ids, text in zip(documents, texts, strict=True):
            assert len(text.split()) == sum(i >= 3 for i in ids)
    # "the" is the most frequent word, so its id is 1 + 3.
    (ids, *_), (text, *_) = facts["ids"][0], facts["texts"][0]
    words = text.split()
    for i, word in zip([i for i in ids if i >= 3], words, strict=True):
        assert (i == 4) == (word == "the")
    # The documents about earnings tell them in cents and net figures.
    earnings = [
        text
        for text, y in zip(facts["texts"][0], facts["y"][0], strict=True)
        if TOPICS[y] == "earn"
    ]
    assert sum("cts" in text.split() for text in earnings) > 0.5 * len(earnings)


def test_parameters_reach_keras(facts):
    assert facts["plain keys"] == sorted(
        ["DESCR", "ids_test", "ids_train", "target_names", "y_test", "y_train"]
    )
    assert facts["plain sizes"] == [8982, 2246]
    assert facts["plain largest id"] == 99


def test_a_single_document(facts):
    train, test, dtype, texts = facts["tiny"]
    assert train == []
    assert dtype == "int64"
    assert [len(ids) for ids in test] == [2]
    assert len(texts) == 1


def test_offline_and_not_cached(tmp_path, offline_error):
    message = offline_error("", tmp_path)
    assert "\n" not in message
    assert message.startswith("reuters.npz is not in the Keras cache")
    for part in ("KERAS_HOME", "datasets/reuters.npz", "datasets/reuters_word_index.json"):
        assert part in message


def test_offline_without_word_index(tmp_path, make_keras_home, offline_error):
    keras_home = make_keras_home(tmp_path, ["reuters.npz"])
    message = offline_error("", keras_home)
    assert message.startswith("reuters_word_index.json is not in the Keras cache")
    assert offline_error("decode=False", keras_home) == ""


def test_topics():
    assert len(set(TOPICS)) == 46
    # "earn" and "acq", the two largest classes, are known to be 3 and 4.
    assert TOPICS[3:5] == ("earn", "acq")


@pytest.mark.parametrize(
    "params",
    [
        {"num_words": 0},
        {"maxlen": 2},
        {"test_split": 1.5},
        {"seed": -1},
        {"decode": "yes"},
    ],
)
def test_bad_parameters(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of load_reuters"):
        load_reuters(**params)
