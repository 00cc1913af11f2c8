"""Recycling: a pool of idle compiled networks that later fits use again."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from contextlib import suppress
from copy import copy
from typing import Any

from .._config import get_config
from .architecture import Architecture
from .forks import check_not_forked
from .network import Network
from .strategies import outside_of_strategies

# Idle networks that are kept. Each holds its weights and its optimizer's state.
_CAPACITY = 4

_idle: deque[Network] = deque(maxlen=_CAPACITY)
_lock = threading.RLock()


class Loan:
    """A network that one model uses.

    When the loan is garbage-collected the network is free for the next fit of the
    same architecture, unless it was kept.

    Parameters
    ----------
    network : Network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._is_shared = False
        self._return = weakref.finalize(self, _give_back, network)
        self._return.atexit = False
        if not get_config()["recycle"]:
            self.keep()

    @property
    def network(self) -> Network:
        """The network; RuntimeError in a process where it cannot run."""
        check_not_forked()
        return self._network

    @property
    def architecture(self) -> Architecture:
        """The architecture of the network."""
        return self._network.architecture

    def keep(self) -> None:
        """Never hand the network on: user code may hold the model."""
        self._return.detach()

    def share(self) -> None:
        """Leave the network to more than one classifier: none of them may train it."""
        self._is_shared = True

    def can_serve(self, architecture: Architecture) -> bool:
        """Return whether a new training may use the network for an architecture."""
        is_free = self._return.alive and not self._is_shared  # else the user may hold it
        return is_free and get_config()["recycle"] and self._network.can_become(architecture)

    def unshared(self) -> Loan:
        """Return this loan, or a copy of it where more than one classifier holds the network."""
        return self.copy() if self._is_shared else self

    def copy(self) -> Loan:
        """Return a loan of another network in the same state."""
        return copy(self)

    # A state instead of a function that makes one: skops reads it, too.
    def __getstate__(self) -> dict[str, Any]:
        return {"architecture": self.architecture, "state": self.network.get_state()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Loan.__init__(self, _find(state["architecture"]))
        self.network.set_state(state["state"])


def borrow(architecture: Architecture) -> Loan:
    """Return a network for the architecture: an idle one or a new one, in any state."""
    return Loan(_find(architecture))


def clear() -> None:
    """Drop all idle networks."""
    with _lock:
        _idle.clear()


def _give_back(network: Network) -> None:
    with _lock:
        _idle.append(network)


def _find(architecture: Architecture) -> Network:
    check_not_forked()
    if get_config()["recycle"]:
        with _lock:
            for network in list(_idle):
                if network.can_become(architecture):
                    with suppress(ValueError):  # the garbage collector may have filled the pool
                        _idle.remove(network)
                    network.architecture = architecture
                    return network
    return outside_of_strategies(Network, architecture)
