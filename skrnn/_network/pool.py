"""Compiled networks, handed from one fit to the next."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import Any

import numpy as np

from .._config import get_config
from .architecture import Architecture
from .forks import check_not_forked
from .network import Network
from .strategies import outside_of_strategies

# Idle networks that are kept. Each holds its weights and its optimizer's state.
_CAPACITY = 4

_idle: OrderedDict[int, Network] = OrderedDict()
_lock = threading.RLock()


class Loan:
    """A network in the hands of one estimator.

    When the loan is garbage-collected the network is free for the next fit of the
    same architecture, unless it was kept.

    Parameters
    ----------
    network : Network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._return = weakref.finalize(self, _give_back, network)
        self._return.atexit = False

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

    def can_serve(self, architecture: Architecture) -> bool:
        """Return whether the network fits an architecture and no user code may hold it."""
        return self._return.alive and self._network.can_become(architecture)

    def copy(self) -> Loan:
        """Return a loan of another network in the same state."""
        return _restore(self.architecture, self.network.get_state())

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.architecture, self.network.get_state())


def borrow(architecture: Architecture) -> Loan:
    """Return a network for the architecture: an idle one or a new one, in any state."""
    check_not_forked()
    if not get_config()["recycle"]:
        loan = Loan(outside_of_strategies(Network, architecture))
        loan.keep()
        return loan
    with _lock:
        for key, network in list(_idle.items()):
            if network.can_become(architecture):
                del _idle[key]
                network.architecture = architecture
                return Loan(network)
    return Loan(outside_of_strategies(Network, architecture))


def clear() -> None:
    """Drop all idle networks."""
    with _lock:
        _idle.clear()


def _give_back(network: Network) -> None:
    with _lock:
        _idle[id(network)] = network
        while len(_idle) > _CAPACITY:
            _idle.popitem(last=False)


def _restore(architecture: Architecture, state: list[np.ndarray]) -> Loan:
    loan = borrow(architecture)
    loan.network.set_state(state)
    return loan
