"""Run a function outside any strategy of `tf.distribute`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import tensorflow as tf

_Result = TypeVar("_Result")


def outside_of_strategies(function: Callable[..., _Result], *args: Any) -> _Result:
    """Call a function as if no strategy were in scope.

    What is built here is ordinary: it can be used, copied and pickled when the scope
    has ended.

    Parameters
    ----------
    function : callable
        What to call.
    *args : object
        With which arguments.
    """
    if not tf.distribute.has_strategy():
        return function(*args)
    # A strategy is in scope for one thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *args).result()


def has_several_workers() -> bool:
    """Whether the strategy in scope spans several processes."""
    resolver = tf.distribute.get_strategy().cluster_resolver
    return resolver is not None and len(resolver.cluster_spec().as_dict().get("worker", ())) > 1
