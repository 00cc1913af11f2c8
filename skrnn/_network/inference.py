"""Prediction in chunks of near-equal length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from .._data.sequences import Sequences
from .network import Network

# Steps of one chunk, padding included: bounds the memory of a prediction.
_CHUNK_STEPS = 16_384


def predict_outputs(network: Network, sequences: Sequences) -> np.ndarray:
    """Return the network's outputs for sequences of any number and length.

    Parameters
    ----------
    network : Network
        A trained network.
    sequences : Sequences
        The inputs.

    Returns
    -------
    outputs : ndarray of shape (n_sequences, n_outputs), dtype=float32
        In the order of the sequences, with the network's room.
    """
    return apply_in_chunks(network.outputs, sequences, width_multiple=network.width_multiple)


def apply_in_chunks(
    function: Callable[[np.ndarray], np.ndarray], sequences: Sequences, *, width_multiple: int
) -> np.ndarray:
    """Apply a function of right-padded batches to sequences; one row for each."""
    parts, order = [], []
    for rows in chunks(sequences.lengths):
        parts.append(function(sequences.padded(rows, multiple_of=width_multiple)))
        order.append(rows)
    outputs = np.concatenate(parts)
    outputs[np.concatenate(order)] = outputs.copy()
    return outputs


def predict_probabilities(
    network: Network, n_sequences: int, blocks: Iterable[Sequences]
) -> np.ndarray:
    """Return the probabilities for sequences that come block by block.

    Parameters
    ----------
    network : Network
        A trained network.
    n_sequences : int
        Number of sequences in all blocks.
    blocks : iterable of Sequences
        The inputs.

    Returns
    -------
    probabilities : ndarray of shape (n_sequences, n_outputs), dtype=float32
        In the order of the sequences.
    """
    probabilities = np.empty((n_sequences, network.architecture.n_outputs), dtype=np.float32)
    start = 0
    for block in blocks:
        stop = start + len(block)
        probabilities[start:stop] = network.without_room(predict_outputs(network, block))
        start = stop
    return probabilities


def chunks(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows, longest first, as many at a time as the bound allows."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, _CHUNK_STEPS // int(lengths[order[start]]))
        yield order[start : start + size]
        start += size
