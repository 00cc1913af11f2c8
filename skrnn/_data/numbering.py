"""Tokens to numbers, block by block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, pairwise, repeat
from typing import NamedTuple

import numpy as np

from .lengths import MOST_MAXLEN, count_lengths
from .sequences import BLOCK_STEPS, FIRST_TOKEN, UNKNOWN, Sequences

# The index of a term that is not in the vocabulary.
_NO_INDEX = UNKNOWN - FIRST_TOKEN


class Counted(NamedTuple):
    """What `count_terms` finds in documents.

    ``terms`` are numbered in the order of their first occurrence. ``counts`` and
    ``document_counts``, of shape (n_terms,), say how often each occurs and in how many
    documents. ``length_counts`` says how many documents have 0, 1, ... tokens. ``blocks`` are
    the documents as the numbers of their terms, if they were to be kept.
    """

    terms: list[str]
    counts: np.ndarray
    document_counts: np.ndarray
    length_counts: np.ndarray
    blocks: list[Sequences]


def count_terms(documents: Iterable[list[str]], *, keep: bool) -> Counted:
    """Count the terms of documents, and number them."""
    first_seen: defaultdict[str, int] = defaultdict()
    first_seen.default_factory = first_seen.__len__
    counts = document_counts = np.zeros(0, dtype=np.int64)
    length_counts = np.zeros(MOST_MAXLEN + 1, dtype=np.int64)
    blocks = []
    for block in _numbered(documents, partial(map, first_seen.__getitem__)):
        length_counts += count_lengths(block.lengths)
        new_terms = (0, len(first_seen) - len(counts))
        counts, document_counts = np.pad(counts, new_terms), np.pad(document_counts, new_terms)
        counts += np.bincount(block.values, minlength=len(counts))
        for start, stop in pairwise(block.offsets.tolist()):
            # Adds one per term, however often the document repeats it: numpy adds to
            # what it read before, so repeated indices write the same sum.
            document_counts[block.values[start:stop]] += 1
        if keep:
            blocks.append(block)
    return Counted(list(first_seen), counts, document_counts, length_counts, blocks)


def known_blocks(
    documents: Iterable[list[str]],
    vocabulary: dict[str, int],
    unseen: dict[str, int] | None = None,
) -> Iterator[Sequences]:
    """Yield the ids of documents, a block of them at a time.

    Terms that the vocabulary lacks are the unknown token. Where ``unseen`` is given they are
    numbered in it instead, and have the id ``-1 - number``.
    """
    index_of = vocabulary.get

    def to_indices(tokens: Iterator[str]) -> Iterator[int]:
        if unseen is None:
            return map(index_of, tokens, repeat(_NO_INDEX))
        return (
            -1 - FIRST_TOKEN - unseen.setdefault(token, len(unseen))
            if (index := index_of(token)) is None
            else index
            for token in tokens
        )

    for block in _numbered(documents, to_indices):
        # Shifting the result costs less than a shifted copy of the vocabulary, which a
        # call with a single short text would feel.
        np.add(block.values, FIRST_TOKEN, out=block.values)
        yield block


def ids_of_terms(terms: list[str], kept: np.ndarray, unseen: dict[str, int] | None) -> np.ndarray:
    """Return the ids of terms of which some, in this order, are the vocabulary.

    The others are as in `known_blocks`.
    """
    ids = np.full(len(terms), UNKNOWN, dtype=np.int32)
    if unseen is not None:
        dropped = np.delete(np.arange(len(terms)), kept)
        ids[dropped] = -1 - np.arange(len(dropped))
        unseen.update((terms[old], number) for number, old in enumerate(dropped.tolist()))
    ids[kept] = np.arange(FIRST_TOKEN, FIRST_TOKEN + len(kept))
    return ids


def _numbered(
    documents: Iterable[list[str]], to_indices: Callable[[Iterator[str]], Iterator[int]]
) -> Iterator[Sequences]:
    """Yield the indices of the documents' tokens, about `BLOCK_STEPS` at a time."""
    documents = iter(documents)
    lengths: list[int] = []
    while True:
        tokens = chain.from_iterable(_one_block(documents, lengths))
        values = np.fromiter(to_indices(tokens), dtype=np.int32)
        if not lengths:
            return
        yield Sequences.from_lengths(values, np.array(lengths))
        lengths.clear()


def _one_block(documents: Iterator[list[str]], lengths: list[int]) -> Iterator[list[str]]:
    """Yield documents until they fill a block, and append their lengths to ``lengths``."""
    size = 0
    for tokens in documents:
        lengths.append(len(tokens))
        size += 1 + len(tokens)
        yield tokens
        if size >= BLOCK_STEPS:
            return
