"""Settings of the package, for a block of code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

_recycle: ContextVar[bool] = ContextVar("recycle", default=True)


def get_config() -> dict[str, bool]:
    """Return the settings in force.

    Returns
    -------
    config : dict
        ``recycle``: whether fits use compiled networks of finished fits again.

    Examples
    --------
    >>> import skrnn
    >>> skrnn.get_config()
    {'recycle': True}
    """
    return {"recycle": _recycle.get()}


@contextmanager
def config_context(*, recycle: bool) -> Iterator[None]:
    """Change settings for the block and the thread or task that runs it.

    Parameters
    ----------
    recycle : bool
        Whether fits use compiled networks of finished fits again, and leave theirs.
        Results are the same; without it every fit compiles a network of its own.

    Yields
    ------
    None

    Raises
    ------
    TypeError
        ``recycle`` is neither True nor False.

    Examples
    --------
    >>> import skrnn
    >>> with skrnn.config_context(recycle=False):
    ...     skrnn.get_config()
    {'recycle': False}
    """
    if not isinstance(recycle, (bool, np.bool_)):
        raise TypeError(f"recycle must be True or False, got {recycle!r}.")
    token = _recycle.set(bool(recycle))
    try:
        yield
    finally:
        _recycle.reset(token)
