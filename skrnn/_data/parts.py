"""Parts of words: the character n-grams that several words of the vocabulary share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from .sequences import FIRST_TOKEN, PADDING, UNKNOWN, Sequences

# Shorter n-grams are in words of all meanings, and longer ones are mostly whole words.
SHORTEST, LONGEST = 3, 5

# An n-gram of a single word says no more than the word. A bound on the memory: of more parts
# those are kept that most words hold.
LEAST_WORDS, MOST_PARTS = 2, 2**16

# A longer run of letters is no word. What is behind these characters adds no parts, which would
# take more time and memory than the rest of the text.
MOST_CHARACTERS = 1000


def ngrams(word: str) -> list[str]:
    """Return the distinct character n-grams of a word, its beginning and end marked [1]_.

    Of one or two letters of a script without case, such as the pairs that stand for Chinese
    or Korean text, it is the letters. Of a longer word than `MOST_CHARACTERS` the beginning
    counts.

    Parameters
    ----------
    word : str
        A token.

    Returns
    -------
    ngrams : list of str
        In the order of their lengths.

    References
    ----------
    .. [1] P. Bojanowski, E. Grave, A. Joulin and T. Mikolov, "Enriching Word Vectors with
       Subword Information", TACL 5, 2017.

    Examples
    --------
    >>> from skrnn._data.parts import ngrams
    >>> ngrams("ran")
    ['<ra', 'ran', 'an>', '<ran', 'ran>', '<ran>']
    >>> ngrams("中国")
    ['中', '国']
    """
    if len(word) <= 2 and word.isalpha() and word.lower() == word.upper():
        return list(dict.fromkeys(word))
    marked = f"<{word[:MOST_CHARACTERS]}>"
    found = [
        marked[start : start + size]
        for size in range(SHORTEST, LONGEST + 1)
        for start in range(len(marked) - size + 1)
    ]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class WordParts:
    """The parts that a vocabulary's words share, numbered from 0.

    Parameters
    ----------
    vocabulary : sequence of str
        The words, in the order of their ids.
    """

    vocabulary: Sequence[str]

    @property
    def names(self) -> list[str]:
        """The parts in the order of their numbers: those of most words first."""
        return list(self._learnt[0])

    @property
    def of_ids(self) -> Sequences:
        """The numbers of the parts of each id, padding and the unknown token included."""
        return self._learnt[1]

    @cached_property
    def _learnt(self) -> tuple[dict[str, int], Sequences]:
        # Both at once: taking words apart is what costs the time.
        apart = list(map(ngrams, self.vocabulary))
        counts = Counter(chain.from_iterable(apart))
        most = counts.most_common(MOST_PARTS)
        shared = (part for part, n_words in most if n_words >= LEAST_WORDS)
        numbers = {part: number for number, part in enumerate(shared)}
        of_ids = _numbered([[] for _ in range(FIRST_TOKEN)] + apart, numbers)
        return numbers, of_ids

    def of(self, words: Iterable[str]) -> Sequences:
        """Return the numbers of the parts of each word."""
        return _numbered(map(ngrams, words), self._learnt[0])

    def spelt_out(self, sequences: Sequences, words: Sequence[str]) -> Sequences:
        """Put the parts of words that have no id after the unknown token.

        Parameters
        ----------
        sequences : Sequences
            Ids, and ``-1 - k`` for the word of index ``k``.
        words : sequence of str
            Words without an id; the sequences need not hold all of them.

        Returns
        -------
        sequences : Sequences
            Ids, and after the unknown token for a word its parts as negative numbers, of
            which -1 stands for the first part.
        """
        steps = np.flatnonzero(sequences.values < PADDING)
        if not len(steps):
            return sequences
        present, unseen = np.unique(-1 - sequences.values[steps], return_inverse=True)
        parts = self.of(words[index] for index in present.tolist())
        # A block of sequences is small enough for int32, and what it takes shows at the peak.
        sizes = np.ones(len(sequences.values), dtype=np.int32)
        sizes[steps] += parts.lengths[unseen].astype(np.int32)
        places = np.concatenate([[0], np.cumsum(sizes)], dtype=np.int32)
        values = np.empty(places[-1], dtype=np.int32)
        is_part = np.ones(len(values), dtype=bool)
        is_part[places[:-1]] = False
        values[~is_part] = sequences.values
        values[places[steps]] = UNKNOWN
        values[is_part] = -1 - parts.take(unseen).values
        return Sequences(values, places[sequences.offsets].astype(np.int64))


def _numbered(apart: Iterable[list[str]], numbers: dict[str, int]) -> Sequences:
    """Return the numbers of those n-grams of each word that have one."""
    found = [[numbers[part] for part in word if part in numbers] for word in apart]
    values = np.fromiter(chain.from_iterable(found), dtype=np.int32)
    return Sequences.from_lengths(values, np.array(list(map(len, found)), dtype=np.int64))


def without_parts(sequences: Sequences) -> Sequences:
    """Return sequences of `WordParts.spelt_out` with one step a word."""
    is_word = sequences.values >= PADDING
    return sequences if is_word.all() else sequences.where(is_word)
