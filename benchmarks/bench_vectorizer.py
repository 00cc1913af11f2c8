"""How fast do texts become ids? SequenceVectorizer beside bare `re` and CountVectorizer.

Prints megabytes of UTF-8 text per second of CPU time, the median of some repeats, on the
training texts of R8 or, where they are missing, on generated texts.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from skrnn import SequenceVectorizer


def read_texts(path: Path) -> list[str]:
    """Read the second column of a gzipped table with the header label<TAB>text."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        return [line.rstrip("\n").split("\t", 1)[1] for line in file]


def generate_texts(n_texts: int = 5_000, n_words: int = 20_000) -> list[str]:
    """Make texts of Zipf-distributed words, about the size of R8."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(rng.choice(letters, size)) for size in rng.integers(2, 10, n_words)]
    chances = 1 / np.arange(1, n_words + 1)
    chances /= chances.sum()
    lengths = rng.integers(10, 200, n_texts)
    return [" ".join(rng.choice(words, size, p=chances)) for size in lengths]


def bare(texts: list[str], vocabulary: dict[str, int]) -> list[list[int]]:
    """Do the least that has to be done: lowercase, find the tokens, look them up."""
    pattern = re.compile(r"(?u)\b\w\w+\b")
    lookup = vocabulary.get
    return [[lookup(token, 1) for token in pattern.findall(text.lower())] for text in texts]


def speed(function: Callable[[], object], n_bytes: int, repeats: int) -> float:
    """Return megabytes per second of CPU time, the median of the repeats."""
    function()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        seconds.append(time.process_time() - start)
    return n_bytes / 1e6 / statistics.median(seconds)


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--r8",
        type=Path,
        default=Path(os.environ.get("SKRNN_DATA", "../shared/data")) / "r8-train.tsv.gz",
        help="gzipped table with the header label<TAB>text (default: %(default)s)",
    )
    parser.add_argument("--maxlen", type=int, default=None, help="maxlen of SequenceVectorizer")
    parser.add_argument("--repeats", type=int, default=11)
    args = parser.parse_args()

    found = args.r8.exists()
    texts = read_texts(args.r8) if found else generate_texts()
    n_bytes = sum(len(text.encode()) for text in texts)
    print(f"{len(texts)} {'R8' if found else 'generated'} texts, {n_bytes / 1e6:.1f} MB")

    counting = CountVectorizer(max_features=20_000).fit(texts)
    ours = SequenceVectorizer(maxlen=args.maxlen).fit(texts)
    contenders: dict[str, Callable[[], object]] = {
        "bare re.findall and dict": lambda: bare(texts, ours.vocabulary_),
        "CountVectorizer.transform": lambda: counting.transform(texts),
        "SequenceVectorizer.transform": lambda: ours.transform(texts),
        "CountVectorizer.fit_transform": lambda: counting.fit_transform(texts),
        "SequenceVectorizer.fit_transform": lambda: ours.fit_transform(texts),
    }
    for name, function in contenders.items():
        print(f"{name:34}{speed(function, n_bytes, args.repeats):6.1f} MB/s")


if __name__ == "__main__":
    main()
