"""A corpus in chunks: the memory in docs/distributed.md, and accuracy beside the first 5 %."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from _measure import elsewhere, resident_megabytes

N_CLASSES, N_WORDS, LENGTH, CHUNK = 4, 20_000, 100, 5_000
SETTINGS = {"units": 16, "embedding_dim": 32, "random_state": 0}


def write(path: Path, megabytes: float) -> int:
    """Write lines of a label and a text until the file is that large; return their number."""
    rng = np.random.default_rng(0)
    words = np.array([f"w{index}" for index in range(N_WORDS)])
    share = 1 / np.arange(1, N_WORDS + 1)
    cumulated = np.cumsum(share / share.sum())
    # A tenth of the words is about a class, two times in five about the text's own.
    topics = words[rng.permutation(N_WORDS)[: N_CLASSES * 200]].reshape(N_CLASSES, 200)
    n_lines = 0
    with path.open("w", encoding="ascii") as file:
        while file.tell() < megabytes * 1e6:
            labels = rng.integers(N_CLASSES, size=CHUNK)
            drawn = np.searchsorted(cumulated, rng.random((CHUNK, LENGTH))).clip(max=N_WORDS - 1)
            texts = words[drawn]
            shape = (CHUNK, LENGTH // 10)
            own = rng.random(shape) < 0.4
            topic = np.where(own, labels[:, None], rng.integers(N_CLASSES, size=shape))
            texts[:, ::10] = topics[topic, rng.integers(200, size=shape)]
            file.writelines(
                f"{label}\t{' '.join(text)}\n" for label, text in zip(labels, texts, strict=True)
            )
            n_lines += CHUNK
    return n_lines


def lines(path: Path, start: int = 0) -> Iterator[tuple[str, int]]:
    """Yield texts and labels."""
    with path.open(encoding="ascii") as file:
        for line in islice(file, start, None):
            label, _, text = line.rstrip("\n").partition("\t")
            yield text, int(label)


def chunks(path: Path, start: int) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Yield texts and labels by thousands."""
    rows = lines(path, start)
    while chunk := list(islice(rows, CHUNK)):
        yield tuple(zip(*chunk, strict=True))


def streamed(path: Path, n_lines: int, n_test: int) -> dict[str, float]:
    """Train on all lines but the first, chunk by chunk, and judge by those."""
    from skrnn import LSTMTextClassifier, SequenceVectorizer

    vocabulary = SequenceVectorizer().fit(text for text, _ in lines(path, n_test)).vocabulary_
    after_vocabulary = resident_megabytes("VmHWM")
    clf = LSTMTextClassifier(
        **SETTINGS,
        vectorizer=SequenceVectorizer(vocabulary=vocabulary, maxlen=400),
        epochs=-(-(n_lines - n_test) // CHUNK),
    )
    peaks = []
    for texts, labels in chunks(path, n_test):
        clf.partial_fit(texts, labels, classes=range(N_CLASSES))
        peaks.append(resident_megabytes("VmHWM"))
    texts, labels = zip(*islice(lines(path), n_test), strict=True)
    return {
        "accuracy": clf.score(texts, labels),
        "MB after the vocabulary": after_vocabulary,
        "MB after the first chunk": peaks[0],
        "MB after the tenth chunk": peaks[min(9, len(peaks) - 1)],
        "MB at the end": peaks[-1],
    }


def in_memory(path: Path, n_lines: int, n_test: int) -> dict[str, float]:
    """Train on the first twentieth, all at once."""
    from skrnn import LSTMTextClassifier

    rows = islice(lines(path, n_test), n_lines // 20)
    texts, labels = zip(*rows, strict=True)
    clf = LSTMTextClassifier(**SETTINGS).fit(texts, labels)
    texts, labels = zip(*islice(lines(path), n_test), strict=True)
    return {"accuracy": clf.score(texts, labels), "MB": resident_megabytes("VmHWM")}


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=1000, help="size of the file")
    megabytes = parser.parse_args().megabytes
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.tsv"
        n_lines = write(path, megabytes)
        n_test = min(5_000, n_lines // 5)
        print(f"{path.stat().st_size / 1e6:.0f} MB, {n_lines:,} texts", file=sys.stderr)
        for name, work in {
            "in chunks": streamed,
            "the first 5 %, in memory": in_memory,
        }.items():
            for quantity, value in elsewhere(work, path, n_lines, n_test).items():
                print(f"{name}: {quantity} {value:.4g}", flush=True)


if __name__ == "__main__":
    main()
