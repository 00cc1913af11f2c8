"""Packages that only some functions need."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def import_optional(module: str, *, extra: str, needed_by: str) -> Any:
    """Import a module of a package that skrnn does not depend on.

    Parameters
    ----------
    module : str
        What to import.
    extra : str
        The extra of skrnn that installs it.
    needed_by : str
        The function that the user called.

    Returns
    -------
    module : module
        The module.

    Raises
    ------
    ImportError
        It is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f'{needed_by} needs {package}: install it with pip install "skrnn[{extra}]".'
        ) from error
