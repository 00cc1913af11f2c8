"""How much padding an epoch of R8 computes: batches padded to a fixed width beside ours."""

from __future__ import annotations

import numpy as np
from _data import r8_texts
from _settings import Settings
from _table import Row, main
from bench_texts import BATCH_SIZE, CUT

from skrnn import SequenceVectorizer
from skrnn._data.batches import Batches
from skrnn._data.seeds import Seeds


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the steps of an epoch over those that are words, for several ways to pad."""
    data = r8_texts(settings)
    vectorizer = SequenceVectorizer(maxlen=CUT["max_length"], token_pattern=r"\S+")
    sequences = vectorizer._fit_sequences(data.train)
    lengths, n_texts = sequences.lengths, len(sequences)

    weights = np.ones(n_texts, dtype=np.float32)
    batches = Batches(sequences, data.y, weights, weights, batch_size=BATCH_SIZE, seeds=Seeds(0))
    bucketed = sum(steps.size for steps, _, _ in batches.epoch(0))

    order = np.random.default_rng(0).permutation(n_texts)
    cuts = np.arange(BATCH_SIZE, n_texts, BATCH_SIZE)
    trimmed = sum(lengths[batch].max() * len(batch) for batch in np.split(order, cuts))

    words = int(lengths.sum())
    work = f"one R8 epoch, texts cut at {CUT['max_length']}"
    lines = [
        Row(work, f"{name}: steps / words", target, [steps / words], f"{steps:,}", f"{words:,}")
        for name, target, steps in (
            ("padded to the cut", "", n_texts * CUT["max_length"]),
            ("random batches, trimmed", "", int(trimmed)),
            ("ours", "<= 1.05", bucketed),
        )
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
