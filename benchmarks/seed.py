"""The three models of the article this package goes back to, and what an embedding adds.

The article classified short Reuters newswires with Keras' LSTM layers. It fed the ids of
the words as plain numbers, one a step, with zeros behind a text that is shorter than the
longest. Here these models run with our parameters, and then the same layers behind an
embedding. The default classifier reads both inputs, the numbers as sequences without padding.
A linear model of TF-IDF weights, with which the article did not compare, comes last.

Prints one table in Markdown. The data comes from Keras' cache (KERAS_HOME) or a download::

    python benchmarks/seed.py

Progress goes to stderr. CPU seconds are those of training one model, all threads together.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from importlib.metadata import version

import numpy as np
from _settings import positive
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skrnn import LSTMTextClassifier
from skrnn.datasets import load_reuters

# Name, reported accuracy, and the layers.
MODELS = [
    ("deep: 4 x 20", 0.8164, {"units": 20, "depth": 4, "bidirectional": False}),
    ("bidirectional: 20", 0.8414, {"units": 20, "depth": 1, "bidirectional": True}),
    ("deep bidirectional: 4 x 10", 0.8247, {"units": 10, "depth": 4, "bidirectional": True}),
]
DEFAULT = [("default", None, {})]
ARTICLE = {
    "embedding_dim": None,
    "normalization": None,
    "pooling": "last",
    "learning_rate": 1e-3,
    "schedule": None,
    "global_clipnorm": None,
    "batch_size": 50,
    "epochs": 200,
}
# Narrow deep networks on so few texts want more steps and less dropout than the default;
# chosen by cross-validation on the training documents.
EMBEDDED = {"epochs": 45, "dropout": 0.2, "embedding_dropout": 0.3}
N_CLASSES = 46
QUICK_SAMPLES, QUICK_EPOCHS = 200, 2


def as_numbers(documents: list[list[int]], steps: int, padding: str) -> np.ndarray:
    """Return ids as an array of shape (n_documents, steps, 1), as the article fed them."""
    X = np.zeros((len(documents), steps, 1), dtype=np.float32)
    for row, ids in zip(X, documents, strict=True):
        where = slice(-len(ids), None) if padding == "pre" else slice(len(ids))
        row[where, 0] = ids
    return X


def measure(name: str, kind: str, models: list, X, y) -> list[str]:
    """Return the accuracy and the CPU seconds of models that differ by seed, as cells."""
    results = []
    for number, model in enumerate(models, 1):
        start = time.process_time()
        model.fit(X["train"], y["train"])
        seconds = time.process_time() - start
        results.append((model.score(X["test"], y["test"]), seconds))
        progress = f"{name}, {kind}, run {number} of {len(models)}: {results[-1][0]:.4f}"
        print(progress, file=sys.stderr, flush=True)
    accuracies, seconds = np.transpose(results)
    spread = f" ± {accuracies.std(ddof=1):.4f}" if len(models) > 1 else ""
    return [f"{accuracies.mean():.4f}{spread}", f"{seconds.mean():.0f}"]


def main(argv: list[str] | None = None) -> int:
    """Run the comparison and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--seeds", type=positive, default=3, help="runs of every model (default: 3)"
    )
    parser.add_argument(
        "--padding",
        choices=["pre", "post"],
        default="post",
        help="where the zeros stand: before a text or behind it (default: post, as in the"
        " article)",
    )
    parser.add_argument("--quick", action="store_true", help="a smoke test; proves nothing")
    args = parser.parse_args(argv)

    try:
        reuters = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)
    except FileNotFoundError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1

    n_samples = QUICK_SAMPLES if args.quick else None
    seeds = range(1 if args.quick else args.seeds)
    epochs = {"epochs": QUICK_EPOCHS} if args.quick else {}
    ids, texts, y = (
        {part: reuters[f"{kind}_{part}"][:n_samples] for part in ("train", "test")}
        for kind in ("ids", "texts", "y")
    )
    steps = max(map(len, reuters.ids_train + reuters.ids_test))
    numbers = {part: as_numbers(rows, steps, args.padding) for part, rows in ids.items()}
    one_hot = {part: np.eye(N_CLASSES)[labels] for part, labels in y.items()}

    sequences = {
        part: [np.asarray(row, dtype=np.float32) for row in rows] for part, rows in ids.items()
    }
    as_values = {"embedding_dim": None}
    runs = [
        ("ids as numbers", MODELS, ARTICLE | epochs, numbers, one_hot),
        ("ids as numbers", DEFAULT, as_values | epochs, sequences, y),
        ("embedded ids", MODELS, EMBEDDED | epochs, ids, y),
        ("embedded ids", DEFAULT, epochs, ids, y),
    ]
    table = [
        ["model", "input", "article", "ours", "CPU s"],
        ["---", "---", "---:", "---:", "---:"],
    ]
    for kind, models, settings, X, targets in runs:
        for name, reported, layers in models:
            classifiers = [
                LSTMTextClassifier(**layers, **settings, random_state=seed) for seed in seeds
            ]
            article = f"{reported:.4f}" if reported and kind == "ids as numbers" else ""
            table.append([name, kind, article, *measure(name, kind, classifiers, X, targets)])
    tfidf = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")
    name, kind = "LinearSVC", "TF-IDF of 1-2-grams"
    linear = [make_pipeline(tfidf, LinearSVC())]
    table.append([name, kind, "", *measure(name, kind, linear, texts, y)])

    for row in table:
        print("| " + " | ".join(row) + " |")
    packages = ("scikit-learn", "tensorflow", "keras", "scikeras", "numpy")
    print(
        f"\n{len(y['train']):,} training and {len(y['test']):,} test documents; accuracy on the "
        f"test documents, mean ± standard deviation of {len(seeds)} seeds; CPU seconds of "
        f"training one model. Python {platform.python_version()}, "
        + ", ".join(f"{package} {version(package)}" for package in packages)
        + "."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
