"""Accuracy of the default classifiers on real corpora, beside TF-IDF + LinearSVC.

The same run fits the baselines and the classifiers; every number is a mean over seeds with
its standard deviation. ``--part folds`` is what the defaults are chosen with: cross-validation
on training data only. ``--part test`` looks at the test parts, once per release::

    python benchmarks/accuracy.py --part folds
    python benchmarks/accuracy.py --part test
    python benchmarks/accuracy.py --part ablation
    python benchmarks/accuracy.py --part balance --corpus R8
    python benchmarks/accuracy.py --part smoothing
    python benchmarks/accuracy.py --part length
    python benchmarks/accuracy.py --part properties

R8, MR and the messages are read from ``--data`` (default: $SKRNN_DATA, or ../shared/data),
Reuters newswires from Keras' cache (KERAS_HOME). Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from _corpora import load_corpora, load_modules
from _settings import positive
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_class_weight

from skrnn import LSTMTextClassifier, SequenceVectorizer, WideAndDeepTextClassifier
from skrnn.datasets import make_word_order_corpus

PARTS = ("folds", "test", "ablation", "balance", "smoothing", "length", "properties")

# Smoothed targets have a table of their own, and the other comparisons of parameters have none.
UNSMOOTHED = {"label_smoothing": 0.0}

# What the recipe is made of, and what is there without it.
ABLATION = {
    "the default but for smoothed targets": {},
    "random embeddings": {"embeddings": "random"},
    "max and mean without attention": {"pooling": "max+mean"},
    "the last step only": {"pooling": "last"},
    "no word dropout": {"word_dropout": 0.0},
    "no embedding dropout": {"embedding_dropout": 0.0},
    "no dropout before the output": {"dropout": 0.0},
    "constant learning rate of 1e-3": {"schedule": None, "learning_rate": 1e-3},
    "one draw of dropout": {"consistency": 0.0},
    "two draws of dropout": {"consistency": 1.0},
    "no gradient clipping": {"global_clipnorm": None},
    "one direction": {"bidirectional": False},
    "two layers": {"depth": 2},
    "words without parts": {"subwords": False},
    "batches of 32": {"batch_size": 32},
    "30 epochs": {"epochs": 30},
    "Keras' Adam": {"optimizer": keras.optimizers.Adam(5e-3, global_clipnorm=1.0)},
}


def words() -> TfidfVectorizer:
    """Return TF-IDF of words and pairs of words."""
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)


def characters() -> TfidfVectorizer:
    """Return TF-IDF of one to four characters."""
    return TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)


def words_and_characters() -> object:
    """Return both side by side."""
    return make_union(words(), characters())


LINEAR = (words, characters, words_and_characters)


def linear(features: Callable = words) -> object:
    """Return a baseline: a linear SVM on TF-IDF."""
    return make_pipeline(features(), LinearSVC())


OURS = (LSTMTextClassifier, WideAndDeepTextClassifier)


def recurrent(seed: int, **kwargs: object) -> LSTMTextClassifier:
    """Return the default classifier."""
    return LSTMTextClassifier(random_state=seed, **kwargs)


def note(*values: object) -> None:
    """Report progress."""
    print(*values, file=sys.stderr, flush=True)


def mean_and_spread(values: list[float], digits: int = 4) -> str:
    """Format a mean and a standard deviation."""
    spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"


def calibration_error(probabilities: np.ndarray, hits: np.ndarray, n_bins: int = 15) -> float:
    """Return the expected calibration error of the predicted labels (Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(hits[bins == index].mean() - confidence[bins == index].mean()) * (bins == index).mean()
        for index in np.unique(bins)
    ]
    return float(sum(gaps))


def folds_of(X: list, y: np.ndarray, n_folds: int = 3):
    """Yield (training texts, training labels, test texts, test labels)."""
    for train, test in StratifiedKFold(n_folds, shuffle=True, random_state=0).split(y, y):
        yield [X[i] for i in train], y[train], [X[i] for i in test], y[test]


def run_folds(corpora: dict, seeds: int) -> None:
    """Cross-validate on the training parts."""
    compare(corpora, seeds, folds_of)


def run_test(corpora: dict, seeds: int) -> None:
    """Train on all training data and look at the test parts."""
    compare(corpora, seeds, None)


def compare(corpora: dict, seeds: int, cut: Callable | None) -> None:
    """Print one table of all corpora, of parts that ``cut`` yields or of the test parts."""
    titles = ["corpus", "texts", "classes"]
    titles += [f"LinearSVC, {features.__name__.replace('_', ' ')}" for features in LINEAR]
    for ours in OURS:
        titles += [ours.__name__, "ECE", "CPU s"]
    print(f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}", flush=True)
    for name, (X, y, X_test, y_test) in corpora.items():
        parts = [(X, y, X_test, y_test)] if cut is None else list(cut(X, np.asarray(y)))
        cells = [name, f"{len(X):,} / {len(X_test):,}", str(len(np.unique(y)))]
        for features in LINEAR:
            scores = [linear(features).fit(*part[:2]).score(*part[2:]) for part in parts]
            note(name, features.__name__, scores)
            cells.append(mean_and_spread(scores))
        for ours in OURS:
            accuracies, errors, seconds = [], [], []
            for part in parts:
                for seed in range(seeds):
                    start = time.process_time()
                    clf = ours(random_state=seed).fit(*part[:2])
                    seconds.append(time.process_time() - start)
                    probabilities = clf.predict_proba(part[2])
                    hits = clf.classes_[probabilities.argmax(axis=1)] == part[3]
                    accuracies.append(hits.mean())
                    errors.append(calibration_error(probabilities, hits))
                    note(name, ours.__name__, accuracies[-1], "ECE", errors[-1])
            cells += [
                mean_and_spread(accuracies),
                mean_and_spread(errors, 3),
                f"{np.mean(seconds):.0f}",
            ]
        print(f"| {' | '.join(cells)} |", flush=True)


def run_ablation(corpora: dict, seeds: int) -> None:
    """Leave out one part of the recipe at a time, by cross-validation on training data."""
    print(f"| recipe | {' | '.join(corpora)} |\n| --- |{' --- |' * len(corpora)}")
    for name, kwargs in ABLATION.items():
        cells = []
        for corpus, (X, y, _, _) in corpora.items():
            scores = [
                recurrent(seed, **UNSMOOTHED, **kwargs).fit(*fold[:2]).score(*fold[2:])
                for fold in folds_of(X, np.asarray(y))
                for seed in range(seeds)
            ]
            cells.append(f"{np.mean(scores):.4f}")
            note(name, corpus, cells[-1])
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def weights_by_hand(y: np.ndarray) -> dict:
    """Return the weights of "balanced" by label: they then count from the first epoch."""
    classes = np.unique(y)
    weights = compute_class_weight("balanced", classes=classes, y=y)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


def run_balance(corpora: dict, seeds: int) -> None:
    """Compare ways to weigh rare classes, by cross-validation and on the test parts."""
    ways = {
        "None": lambda y: None,
        "the same weights as a dict": weights_by_hand,
        '"balanced"': lambda y: "balanced",
    }
    print("| corpus | class_weight | macro F1, folds | accuracy, folds | macro F1, test |")
    print("| --- | --- | --- | --- | --- |")
    for name, (X, y, X_test, y_test) in corpora.items():
        y = np.asarray(y)
        for way, class_weight in ways.items():
            macro, accuracies = [], []
            for fold in [*folds_of(X, y), (X, y, X_test, y_test)]:
                for seed in range(seeds):
                    clf = recurrent(seed, **UNSMOOTHED, class_weight=class_weight(fold[1]))
                    clf.fit(*fold[:2])
                    predicted = clf.predict(fold[2])
                    macro.append(f1_score(fold[3], predicted, average="macro"))
                    accuracies.append(np.mean(predicted == fold[3]))
                    note(name, way, "macro F1", macro[-1], "accuracy", accuracies[-1])
            print(
                f"| {name} | {way} | {mean_and_spread(macro[:-seeds])} |"
                f" {mean_and_spread(accuracies[:-seeds])} | {mean_and_spread(macro[-seeds:])} |",
                flush=True,
            )


def run_smoothing(corpora: dict, seeds: int) -> None:
    """Spread shares of the targets over all classes, in the first fold of training data."""
    print("| corpus | label_smoothing | accuracy | cross-entropy | ECE |")
    print("| --- | --- | --- | --- | --- |")
    for name, (X, y, _, _) in corpora.items():
        X_train, y_train, X_test, y_test = next(folds_of(X, np.asarray(y)))
        for share in (0.0, 0.05, 0.1):
            accuracies, losses, errors = [], [], []
            for seed in range(seeds):
                clf = recurrent(seed, label_smoothing=share).fit(X_train, y_train)
                probabilities = clf.predict_proba(X_test)
                hits = clf.classes_[probabilities.argmax(axis=1)] == y_test
                of_truth = (clf.classes_ == y_test[:, np.newaxis]) * probabilities
                likely = np.maximum(of_truth.sum(axis=1), 1e-7)  # 0 for classes unseen in training
                accuracies.append(hits.mean())
                losses.append(-np.log(likely).mean())
                errors.append(calibration_error(probabilities, hits))
                note(name, share, accuracies[-1], losses[-1], errors[-1])
            cells = [
                mean_and_spread(accuracies),
                *(mean_and_spread(v, 3) for v in (losses, errors)),
            ]
            print(f"| {name} | {share} | {' | '.join(cells)} |", flush=True)


def run_length(corpora: dict, seeds: int) -> None:
    """Read less and more of long texts of many classes, a third of which is held out."""
    X, y = load_modules()
    X, X_test, y, y_test = train_test_split(X, y, test_size=1 / 3, stratify=y, random_state=0)
    n_words = np.mean([len(text.split()) for text in X])
    print(
        f"{len(X):,} / {len(X_test):,} documents of {n_words:.0f} words on average, cut at 1,500,"
        f" {len(np.unique(y))} classes.\n\n| words that are read | accuracy | CPU s |\n"
        "| --- | --- | --- |"
    )
    print(f"| TF-IDF + LinearSVC, all | {linear().fit(X, y).score(X_test, y_test):.4f} | |")
    vectorizers = {
        "the first 400": SequenceVectorizer(maxlen=400),
        "the default": None,
        "all": SequenceVectorizer(maxlen=None),
    }
    for name, vectorizer in vectorizers.items():
        accuracies, seconds = [], []
        for seed in range(seeds):
            start = time.process_time()
            clf = recurrent(seed, **UNSMOOTHED, vectorizer=vectorizer).fit(X, y)
            seconds.append(time.process_time() - start)
            accuracies.append(clf.score(X_test, y_test))
            note("length", clf.vectorizer_.maxlen_, accuracies[-1])
        if vectorizer is None:
            name += f": the first {clf.vectorizer_.maxlen_:,}"
        print(
            f"| {name} | {mean_and_spread(accuracies)} | {np.mean(seconds):.0f} |",
            flush=True,
        )


def run_properties(corpora: dict, seeds: int) -> None:
    """Measure what the documentation says besides accuracy."""
    print("| property | measured |\n| --- | --- |")
    X, y = make_word_order_corpus(2000, random_state=0)
    halves = train_test_split(X, y, random_state=0)
    svm = linear().fit(halves[0], halves[2]).score(halves[1], halves[3])
    ours = [
        recurrent(seed).fit(halves[0], halves[2]).score(halves[1], halves[3])
        for seed in range(seeds)
    ]
    print(f"| order of words: LinearSVC / ours | {svm:.3f} / {mean_and_spread(ours, 3)} |")

    X, y, *_ = corpora["Reuters newswires"]
    by_svm, by_ours = [], []
    for fold in folds_of(X, y):
        by_svm.append(linear().fit(*fold[:2]).predict(fold[2]) != fold[3])
        answers = [recurrent(seed).fit(*fold[:2]).predict(fold[2]) for seed in range(seeds)]
        by_ours.append(np.array(answers) != fold[3])
    svm_errors, errors = np.concatenate(by_svm), np.concatenate(by_ours, axis=1)
    always = errors.all(axis=0)
    note("newswires", "errors by seed", errors.sum(axis=1))
    print(
        f"| errors in {len(y):,} newswires, three folds: LinearSVC / ours / ours with every seed"
        f" / both of these | {svm_errors.sum()} / {mean_and_spread(errors.sum(axis=1), 0)} /"
        f" {always.sum()} / {(always & svm_errors).sum()} |"
    )

    X, y, *_ = corpora["R8"]
    rng = np.random.default_rng(0)
    y = np.asarray(y)

    def lengthen(label: str) -> str:
        """Join texts of one class up to 2,000 words."""
        words: list[str] = []
        while len(words) < 2000:
            words += X[rng.choice(np.flatnonzero(y == label))].split()
        return " ".join(words[:2000])

    labels = rng.permutation(np.repeat(np.unique(y), 50))
    texts = [lengthen(label) for label in labels]
    scores = {}
    for maxlen in (400, 1000, 2000):
        clf = recurrent(0, vectorizer=SequenceVectorizer(maxlen=maxlen))
        clf.fit(texts[:240], labels[:240])
        scores[maxlen] = clf.score(texts[240:], labels[240:])
        note("long", maxlen, scores[maxlen])
    print(
        "| 400 texts of 2,000 words, joined from R8: first 400 words / first 1,000 / all | "
        f"{' / '.join(f'{score:.3f}' for score in scores.values())} |"
    )


def main(argv: list[str] | None = None) -> int:
    """Run the parts that were asked for and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=PARTS, action="append", help="default: folds")
    parser.add_argument("--seeds", type=positive, default=3)
    parser.add_argument("--corpus", action="append", help="part of a name; default: all")
    parser.add_argument("--data", default=os.environ.get("SKRNN_DATA", "../shared/data"))
    args = parser.parse_args(argv)
    parts = args.part or ["folds"]
    # The long texts are those of installed packages.
    corpora = {} if parts == ["length"] else load_corpora(Path(args.data), args.corpus)
    if "properties" in parts and not {"R8", "Reuters newswires"} <= corpora.keys():
        parser.error("--part properties needs R8 and the Reuters newswires")
    for part in parts:
        globals()[f"run_{part}"](corpora, args.seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
