"""CPU seconds and memory of the word vectors that the embedding layer starts from.

Run on one core to get comparable numbers::

    OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/bench_embeddings.py

Two cases: 20,000 words with Zipf-distributed frequencies in 5 million tokens, and the
training part of Reuters R8, where it lies in ``../shared/data``.
"""

import gzip
import multiprocessing
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from skrnn._embeddings import ppmi_embeddings
from skrnn._sequences import FIRST_TOKEN, UNKNOWN, Sequences

R8 = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "r8-train.tsv.gz"
DIM = 128


def zipf_sequences(n_words=20_000, n_tokens=5_000_000, length=100):
    """Draw independent tokens: the worst case, for no two words keep together."""
    rng = np.random.default_rng(0)
    frequencies = 1 / np.arange(1, n_words + 1)
    cumulated = np.cumsum(frequencies / frequencies.sum())
    ranks = np.searchsorted(cumulated[:-1], rng.random(n_tokens)).astype(np.int32)
    lengths = np.full(n_tokens // length, length)
    return Sequences.from_lengths(ranks + FIRST_TOKEN, lengths), n_words + FIRST_TOKEN


def r8_sequences(max_words=20_000):
    """Read the training texts, words beyond the most frequent ones as unknown."""
    with gzip.open(R8, "rt", encoding="utf-8") as lines:
        next(lines)
        texts = [line.rstrip("\n").split("\t")[1] for line in lines]
    words = CountVectorizer(analyzer=str.split, max_features=max_words).fit(texts).vocabulary_
    rows = [[words.get(w, UNKNOWN - FIRST_TOKEN) + FIRST_TOKEN for w in t.split()] for t in texts]
    values = np.array([value for row in rows for value in row], dtype=np.int32)
    return Sequences.from_lengths(values, np.array([len(r) for r in rows])), len(words) + 2


def resident_megabytes(field):
    """Return the resident size of this process: "VmRSS" for now, "VmHWM" for the peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no field {field} in /proc/self/status")


def measure(name, make_sequences):
    """Print what one call takes beyond what its input takes."""
    sequences, vocabulary_size = make_sequences()
    # Making the input took more memory than it holds: forget that peak.
    Path("/proc/self/clear_refs").write_text("5")
    megabytes, seconds = resident_megabytes("VmRSS"), time.process_time()
    ppmi_embeddings(sequences, vocabulary_size, DIM, random_state=0)
    seconds = time.process_time() - seconds
    megabytes = resident_megabytes("VmHWM") - megabytes
    print(
        f"{name}: {vocabulary_size} ids, {len(sequences.values)} tokens, {DIM} dimensions: "
        f"{seconds:.2f} CPU seconds, {megabytes:.0f} MB more at the peak"
    )


if __name__ == "__main__":
    cases = [("Zipf", zipf_sequences)]
    if R8.exists():
        cases.append(("R8", r8_sequences))
    for case in cases:
        # A process of its own, because the peak of a process never falls again.
        process = multiprocessing.get_context("spawn").Process(target=measure, args=case)
        process.start()
        process.join()
