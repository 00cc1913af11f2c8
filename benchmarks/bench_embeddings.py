"""CPU seconds and memory of the word vectors that the embedding layer starts from.

Words with Zipf-distributed frequencies: 20,000 in 5 million tokens, 50,000 and 800,000 drawn from
in a million; and the training part of R8.
"""

from __future__ import annotations

import statistics
from functools import partial
from pathlib import Path

import numpy as np
from _data import r8_texts
from _measure import alternate, cpu_seconds, resident_megabytes
from _settings import Settings
from _table import Row, main

from skrnn import SequenceVectorizer
from skrnn._data.sequences import FIRST_TOKEN, Sequences
from skrnn._vectors.ppmi import ppmi_embeddings

DIM, MAX_WORDS = 128, 20_000


def zipf_sequences(n_tokens: int, n_words: int = MAX_WORDS, length: int = 100) -> tuple:
    """Draw independent tokens: the worst case, for no two words keep together."""
    rng = np.random.default_rng(0)
    frequencies = 1 / np.arange(1, n_words + 1)
    cumulated = np.cumsum(frequencies / frequencies.sum())
    ranks = np.searchsorted(cumulated[:-1], rng.random(n_tokens)).astype(np.int32)
    lengths = np.full(n_tokens // length, length)
    return Sequences.from_lengths(ranks + FIRST_TOKEN, lengths), n_words + FIRST_TOKEN


def text_sequences(texts: list[str]) -> tuple:
    """Make ids of texts."""
    vectorizer = SequenceVectorizer(max_features=MAX_WORDS, token_pattern=r"\S+")
    sequences = vectorizer._fit_sequences(texts)
    return sequences, FIRST_TOKEN + len(vectorizer.vocabulary_)


def measure(make_sequences: partial) -> dict[str, float]:
    """Measure what one call takes beyond what its input takes."""
    sequences, vocabulary_size = make_sequences()
    # Making the input took more memory than it holds: forget that peak.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = resident_megabytes()
    seconds = cpu_seconds(ppmi_embeddings, sequences, vocabulary_size, DIM, random_state=0)
    return {"seconds": seconds, "megabytes": resident_megabytes("VmHWM") - before}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return seconds and memory of both cases."""
    data = r8_texts(settings)
    sizes = {MAX_WORDS: 5_000_000, 50_000: 1_000_000, 800_000: 1_000_000}
    if settings.quick:
        sizes = {MAX_WORDS: 10_000}
    cases = {
        **{
            f"{n_tokens:,} Zipf tokens of {n_words:,} words": partial(
                zipf_sequences, n_tokens, n_words
            )
            for n_words, n_tokens in sizes.items()
        },
        "R8 training texts": partial(text_sequences, data.train),
    }
    works = {name: partial(measure, make) for name, make in cases.items()}
    lines = [
        Row(
            f"{DIM} dimensions of word vectors, {name}",
            "seconds and memory at the peak",
            "",
            values["seconds"],
            f"{statistics.median(values['seconds']):.3g} s",
            f"{statistics.median(values['megabytes']):.3g} MB",
        )
        for name, values in alternate(works, settings).items()
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
