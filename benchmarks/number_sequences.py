"""Numeric sequences: the default beside MiniRocket, 1-NN, a forest and a linear model.

Prints one table in Markdown, of the official splits that the packages aeon and tslearn ship
(``pip install "skrnn[bench]"``)::

    python benchmarks/number_sequences.py

Progress goes to stderr. CPU seconds are those of fitting and predicting, all threads together.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from _settings import positive
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import LSTMTextClassifier

DATA = (
    "BasicMotions",
    "Trace",
    "OSULeaf",
    "JapaneseVowels",
    "ItalyPowerDemand",
    "GunPoint",
    "ArrowHead",
)
N_KERNELS = 2000


def load(name: str) -> dict[str, tuple[list[np.ndarray], np.ndarray]]:
    """Return sequences of shape (n_steps, n_features) and labels, of both parts."""
    if name == "Trace":
        from tslearn.datasets import CachedDatasets

        X_train, y_train, X_test, y_test = CachedDatasets().load_dataset(name)
        return {"train": (list(X_train), y_train), "test": (list(X_test), y_test)}
    import aeon.datasets

    folder = Path(aeon.datasets.__file__).parent / "data" / name
    parts = {}
    for part in ("train", "test"):
        X, y = aeon.datasets.load_from_ts_file(os.fspath(folder / f"{name}_{part.upper()}.ts"))
        parts[part] = [x.T for x in X], y
    return parts


def padded(sequences: list[np.ndarray], n_steps: int) -> np.ndarray:
    """Return sequences as one array, cut and padded with zeros."""
    array = np.zeros((len(sequences), n_steps, sequences[0].shape[1]))
    for row, steps in zip(array, sequences, strict=True):
        row[: len(steps)] = steps[:n_steps]
    return array


def flat(X: np.ndarray) -> np.ndarray:
    """Return one row a sequence."""
    return X.reshape(len(X), -1)


def rivals(seed: int) -> dict[str, object]:
    """Return the other models, which read an array of one length."""
    from aeon.transformations.collection.convolution_based import MiniRocket
    from sklearn.preprocessing import FunctionTransformer

    turned = FunctionTransformer(lambda X: X.transpose(0, 2, 1).astype(np.float32))
    rows = FunctionTransformer(flat)
    return {
        "logistic regression": make_pipeline(
            rows, StandardScaler(), LogisticRegression(max_iter=2000)
        ),
        "1-NN": make_pipeline(rows, KNeighborsClassifier(1)),
        "random forest": make_pipeline(rows, RandomForestClassifier(random_state=seed)),
        "MiniRocket": make_pipeline(
            turned,
            MiniRocket(n_kernels=N_KERNELS, random_state=seed),
            StandardScaler(with_mean=False),
            RidgeClassifierCV(np.logspace(-3, 3, 10)),
        ),
    }


def main(argv: list[str] | None = None) -> int:
    """Run the comparison and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--seeds", type=positive, default=5, help="runs of every model (default: 5)"
    )
    parser.add_argument("--data", nargs="*", default=DATA, choices=DATA)
    parser.add_argument("--quick", action="store_true", help="a smoke test; proves nothing")
    args = parser.parse_args(argv)
    try:
        parts = {name: load(name) for name in args.data}
    except ImportError as error:
        print(f"{parser.prog}: {error}; pip install 'skrnn[bench]'", file=sys.stderr)
        return 1
    n_seeds, quick = (1, {"epochs": 1}) if args.quick else (args.seeds, {})
    names = ["ours", *rivals(0)]
    print("| data | " + " | ".join(f"{name} | CPU s" for name in names) + " |")
    print("| --- |" + " ---: | ---: |" * len(names))
    for data, content in parts.items():
        (X_train, y_train), (X_test, y_test) = content["train"], content["test"]
        n_steps = max(map(len, X_train))
        arrays = [padded(X, n_steps) for X in (X_train, X_test)]
        cells = [data]
        for name in names:
            results = []
            for seed in range(n_seeds):
                is_ours = name == "ours"
                model = (
                    LSTMTextClassifier(embedding_dim=None, random_state=seed, **quick)
                    if is_ours
                    else rivals(seed)[name]
                )
                train, test = (X_train, X_test) if is_ours else arrays
                start = time.process_time()
                accuracy = model.fit(train, y_train).score(test, y_test)
                results.append((accuracy, time.process_time() - start))
                print(data, name, *results[-1], file=sys.stderr, flush=True)
            accuracies, seconds = np.transpose(results)
            spread = f" ± {accuracies.std(ddof=1):.3f}" if len(set(accuracies)) > 1 else ""
            cells += [f"{accuracies.mean():.3f}{spread}", f"{seconds.mean():.1f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
