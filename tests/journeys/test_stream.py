"""A corpus that does not fit into memory, as docs/distributed.md describes."""

import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from skrnn import LSTMTextClassifier, SequenceVectorizer

PAGE = Path(__file__).parents[2] / "docs" / "distributed.md"
TOPICS = {"grain": ["wheat", "maize", "crop"], "money": ["bank", "rates", "loan"]}
CHUNK, N_CHUNKS = 40, 12
PARAMS = {"units": 4, "embedding_dim": 8, "batch_size": 8, "random_state": 0}


def rows():
    rng = np.random.default_rng(0)
    for number in range(CHUNK * N_CHUNKS):
        label = ("grain", "money")[number % 2]
        late = "barley" if number > 3 * CHUNK else "corn"
        yield f"{' '.join(rng.choice(TOPICS[label], 2))} rose {late}", label


def chunks():
    stream = rows()
    while chunk := list(islice(stream, CHUNK)):
        yield tuple(zip(*chunk, strict=True))


@pytest.fixture
def clf():
    vocabulary = SequenceVectorizer().fit(text for text, _ in rows()).vocabulary_
    vectorizer = SequenceVectorizer(vocabulary=vocabulary, maxlen=400)
    return LSTMTextClassifier(**PARAMS, vectorizer=vectorizer, epochs=N_CHUNKS)


def test_one_pass_in_chunks_is_one_cycle_of_the_schedule(clf):
    rates = []
    for texts, labels in chunks():
        clf.partial_fit(texts, labels, classes=["grain", "money"])
        rates.append(float(clf._model.loan.network.model.optimizer.learning_rate))
    assert clf.n_iter_ == N_CHUNKS
    assert rates[-1] < 0.05 * max(rates)
    texts, labels = zip(*rows(), strict=True)
    in_memory = LSTMTextClassifier(**PARAMS, epochs=1).fit(texts, labels)
    assert clf.score(texts, labels) >= in_memory.score(texts, labels)
    assert clf.score(texts, labels) == 1


def test_words_that_come_later_start_from_the_mean_of_the_others(clf):
    def vector(word):
        row = 2 + clf.vectorizer_.vocabulary_[word]
        return clf.model_.get_layer("embedding").get_weights()[0][row]

    stream = chunks()
    clf.partial_fit(*next(stream), classes=["grain", "money"])
    assert (vector("corn") != 0).all()
    np.testing.assert_array_equal(vector("barley"), 0)
    for texts, labels in stream:
        clf.partial_fit(texts, labels)
    assert (vector("barley") != 0).all()


def test_the_recipe_of_the_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    (code,) = (block for block in blocks if "n_chunks" in block)
    namespace = {"rows": rows, "chunks": chunks, "n_chunks": N_CHUNKS}
    exec(compile(code, PAGE.name, "exec"), namespace)
    assert namespace["clf"].n_iter_ == N_CHUNKS
