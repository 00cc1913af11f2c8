"""What a user would pick instead: accuracy and CPU seconds of a fit on every corpus.

TF-IDF and a linear SVM, fastText with pairs of words, the same LSTM in skorch and in Keras,
`LSTMTextClassifier` and `WideAndDeepTextClassifier`. Ours and the linear SVM have their default
parameters, fastText has those of its tutorial, skorch and Keras those of a first attempt: words
between blanks, texts cut at 256 words, one bidirectional layer, Adam, ten epochs. A third of the
training texts is held out and judged; ``--test`` trains on all of them and judges the test parts,
once per release::

    python benchmarks/alternatives.py --repeats 3
    python benchmarks/alternatives.py --corpus messages --corpus R8

Every fit is a process of its own with one thread. What is not installed is left out:
``pip install '.[bench]'`` installs it. Reuters newswires are read from Keras' cache (KERAS_HOME).
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from _data import generate_texts, ids_of, learn_ids
from _measure import alternate, cpu_seconds, elsewhere
from _settings import make_parser, settings_of
from _table import conditions, markdown

LAYERS = {"units": 64, "depth": 1, "bidirectional": True, "embedding_dim": 128}
CUT = {"max_words": 20_000, "max_length": 256}
EPOCHS, BATCH_SIZE = 10, 32
QUICK_SAMPLES, QUICK_EPOCHS = 40, 1

Corpus = tuple[list[str], np.ndarray, list[str], np.ndarray]


def linear_svm(corpus: Corpus, epochs: int) -> dict[str, float]:
    """Measure TF-IDF of words and pairs of words, and a linear SVM."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    X, y, X_test, y_test = corpus
    classifier = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
    seconds = cpu_seconds(classifier.fit, X, y)
    return {"seconds": seconds, "accuracy": classifier.score(X_test, y_test)}


def fasttext(corpus: Corpus, epochs: int) -> dict[str, float]:
    """Measure fastText (Joulin et al., "Bag of Tricks for Efficient Text Classification")."""
    from fasttext import train_supervised

    X, y, X_test, y_test = corpus
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("train", "test")]
        for path, texts, labels in zip(paths, (X, X_test), (y, y_test), strict=True):
            lines = (
                f"__label__{label} {' '.join(text.split())}\n"
                for text, label in zip(texts, labels, strict=True)
            )
            path.write_text("".join(lines), encoding="utf-8")
        models = []

        def fit() -> None:
            # The values of https://fasttext.cc/docs/en/supervised-tutorial.html
            models.append(
                train_supervised(
                    str(paths[0]), lr=1.0, epoch=25, wordNgrams=2, thread=1, verbose=0
                )
            )

        seconds = cpu_seconds(fit)
        # Its Python code for predictions does not work with numpy 2; this does.
        n_read, precision, _ = models[0].test(str(paths[1]))
    return {"seconds": seconds, "accuracy": precision * n_read / len(y_test)}


def skorch(corpus: Corpus, epochs: int) -> dict[str, float]:
    """Measure a dictionary of words and skorch."""
    from _torch_models import fit_texts

    X, y, X_test, y_test = corpus
    predict = []

    def fit() -> None:
        predict.append(fit_texts(X, y, **CUT, epochs=epochs, n_classes=int(y.max()) + 1, **LAYERS))

    seconds = cpu_seconds(fit)
    return {"seconds": seconds, "accuracy": float(np.mean(predict[0](X_test) == y_test))}


def keras(corpus: Corpus, epochs: int) -> dict[str, float]:
    """Measure a dictionary of words and `keras.Model.fit`; all texts are padded to one length."""
    from _keras_models import lstm

    X, y, X_test, y_test = corpus
    ids = learn_ids(X, CUT["max_words"])

    def padded(texts: list[str]) -> np.ndarray:
        array = np.zeros((len(texts), CUT["max_length"]), dtype=np.int32)
        for row, document in zip(array, ids_of(texts, ids, CUT["max_length"]), strict=True):
            row[: len(document)] = document
        return array

    model = lstm((CUT["max_length"],), int(y.max()) + 1, n_words=CUT["max_words"], **LAYERS)
    fit = partial(model.fit, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)
    seconds = cpu_seconds(lambda: fit(padded(X), y))
    predicted = model.predict(padded(X_test), verbose=0).argmax(axis=1)
    return {"seconds": seconds, "accuracy": float(np.mean(predicted == y_test))}


def network(corpus: Corpus, epochs: int | None) -> dict[str, float]:
    """Measure our network; with ``epochs`` in place of the default number."""
    from skrnn import LSTMTextClassifier

    classifier = LSTMTextClassifier(random_state=0)
    return ours(classifier.set_params(epochs=epochs or "auto"), corpus)


def network_and_ngrams(corpus: Corpus, epochs: int | None) -> dict[str, float]:
    """Measure our network and the linear model of n-grams together."""
    from skrnn import WideAndDeepTextClassifier

    classifier = WideAndDeepTextClassifier(random_state=0)
    return ours(classifier.set_params(deep__epochs=epochs or "auto"), corpus)


def ours(classifier: object, corpus: Corpus) -> dict[str, float]:
    """Measure a classifier of ours."""
    X, y, X_test, y_test = corpus
    seconds = cpu_seconds(classifier.fit, X, y)
    return {"seconds": seconds, "accuracy": classifier.score(X_test, y_test)}


OURS = (network, network_and_ngrams)


# In the order of the columns: the name, what measures, and what has to be installed.
PEERS: tuple[tuple[str, Callable, list[str]], ...] = (
    ("TF-IDF + LinearSVC", linear_svm, []),
    ("fastText", fasttext, ["fasttext"]),
    ("skorch", skorch, ["torch", "skorch"]),
    ("Keras", keras, []),
    ("LSTMTextClassifier()", network, []),
    ("WideAndDeepTextClassifier()", network_and_ngrams, []),
)


def load(data: Path, parts_of_names: list[str] | None) -> dict[str, tuple]:
    """Return (training texts, labels, test texts, labels) by name."""
    from _corpora import load_corpora

    return load_corpora(data, parts_of_names)


def held_out(corpus: tuple) -> tuple:
    """Return a third of the training texts, stratified, in place of the test texts."""
    from sklearn.model_selection import train_test_split

    X, y, _, _ = corpus
    _, counts = np.unique(y, return_counts=True)
    stratify = y if counts.min() > 1 else None
    parts = train_test_split(X, y, test_size=1 / 3, random_state=0, stratify=stratify)
    return parts[0], parts[2], parts[1], parts[3]


def numbered(corpus: tuple) -> Corpus:
    """Return the same with labels from 0 on; a label that is only tested is never predicted."""
    X, y, X_test, y_test = corpus
    labels = np.unique(np.concatenate([y, y_test]))
    return list(X), np.searchsorted(labels, y), list(X_test), np.searchsorted(labels, y_test)


def cell(values: dict[str, list[float]]) -> str:
    """Return the mean accuracy and the median of the seconds."""
    return f"{np.mean(values['accuracy']):.3f}, {statistics.median(values['seconds']):.1f} s"


def main() -> None:
    """Print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--test", action="store_true", help="judge the test parts")
    parser.add_argument("--corpus", action="append", help="part of a name; default: all")
    args = parser.parse_args()
    settings = settings_of(args)
    if settings.quick:
        texts = generate_texts(QUICK_SAMPLES, 5, 12)
        labels = np.arange(QUICK_SAMPLES) % 2
        corpora = {"generated": (texts, labels, texts, labels)}
    else:
        corpora = elsewhere(load, settings.data, args.corpus)
    present = [peer for peer in PEERS if all(map(find_spec, peer[2]))]
    rows = []
    for name, corpus in corpora.items():
        corpus = numbered(corpus if args.test else held_out(corpus))
        works = {}
        for peer, measure, _ in present:
            epochs = None if measure in OURS else EPOCHS
            works[peer] = partial(measure, corpus, QUICK_EPOCHS if settings.quick else epochs)
        results = alternate(works, settings)
        size = f"{len(corpus[0]):,} / {len(corpus[2]):,}"
        rows.append([name, size, *(cell(results[peer]) for peer in works)])
    print(markdown(["corpus", "texts", *(peer for peer, *_ in present)], rows))
    missing = [peer for peer, *_ in PEERS if peer not in {name for name, *_ in present}]
    print(f"\nAccuracy, CPU seconds of the fit. {conditions(settings)}")
    if missing:
        print(f"Not installed: {', '.join(missing)}.")


if __name__ == "__main__":
    main()
