"""One seed, spread to everything that draws at random."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import numpy as np

_PURPOSES = ("weights", "dropout", "embeddings", "split", "shuffle", "teachers", "windows")


@dataclass(frozen=True)
class Seeds:
    """Independent random streams that all follow from one number.

    Parameters
    ----------
    entropy : int
        The number that all streams are derived from.
    """

    entropy: int

    @classmethod
    def from_random_state(
        cls, random_state: int | np.random.RandomState | np.random.Generator | None
    ) -> Seeds:
        """Read an estimator's ``random_state``.

        An int is used as it is; a `RandomState` or `Generator` gives a number and
        moves on, as everywhere in scikit-learn. None asks the operating system: the
        global generator of numpy belongs to the user and is neither read nor moved.
        """
        if random_state is None:
            return cls(secrets.randbits(128))
        if isinstance(random_state, np.random.RandomState):
            return cls(int(random_state.randint(np.iinfo(np.int32).max)))
        if isinstance(random_state, np.random.Generator):
            return cls(int(random_state.integers(np.iinfo(np.int32).max)))
        return cls(int(random_state))

    def generator(self, purpose: str, *key: int) -> np.random.Generator:
        """Return the generator of a purpose; ``key`` distinguishes epochs or layers."""
        return np.random.default_rng(self._sequence(purpose, key))

    def integer(self, purpose: str, *key: int) -> int:
        """Return one seed that fits any library, in [0, 2**31)."""
        return int(self._sequence(purpose, key).generate_state(1)[0] >> 1)

    def _sequence(self, purpose: str, key: tuple[int, ...]) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.entropy, spawn_key=(_PURPOSES.index(purpose), *key))
