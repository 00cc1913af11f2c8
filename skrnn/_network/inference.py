"""Prediction in chunks of near-equal length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from .._data.sequences import Sequences
from .network import Network

# Steps of one chunk, padding included: bounds the memory of a prediction.
_CHUNK_STEPS = 16_384


def predict_probabilities(network: Network, sequences: Sequences, n_outputs: int) -> np.ndarray:
    """Return the network's outputs for sequences of any number and length.

    Parameters
    ----------
    network : Network
        A trained network.
    sequences : Sequences
        The inputs.
    n_outputs : int
        Outputs in use; the network may have room for more.

    Returns
    -------
    probabilities : ndarray of shape (n_sequences, n_outputs), dtype=float32
        In the order of the sequences.
    """
    outputs = np.empty((len(sequences), n_outputs), dtype=np.float32)
    for rows in _chunks(sequences.lengths):
        steps = sequences.padded(rows, multiple_of=network.width_multiple)
        outputs[rows] = network.probabilities(steps).numpy()[:, :n_outputs]
    return outputs


def predict_blocks(
    network: Network, n_sequences: int, blocks: Iterable[Sequences], n_outputs: int
) -> np.ndarray:
    """Return what `predict_probabilities` does for sequences that come block by block."""
    outputs = np.empty((n_sequences, n_outputs), dtype=np.float32)
    start = 0
    for block in blocks:
        stop = start + len(block)
        outputs[start:stop] = predict_probabilities(network, block, n_outputs)
        start = stop
    return outputs


def _chunks(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows, longest first, as many at a time as the bound allows."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, _CHUNK_STEPS // int(lengths[order[start]]))
        yield order[start : start + size]
        start += size
