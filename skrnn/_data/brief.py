"""Messages that are never longer than a screen."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_BRIEF = reprlib.Repr()
_BRIEF.maxlevel = 2
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 80
_BRIEF.maxlist = _BRIEF.maxtuple = _BRIEF.maxset = _BRIEF.maxdict = 5


def brief(value: Any) -> str:
    """Return the ``repr`` of a value, cut to what fits into a line or two."""
    return _cut(_BRIEF.repr(value), 200)


@contextmanager
def brief_errors() -> Iterator[None]:
    """Cut the middle out of messages that hold a user's data in full, as libraries' do."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if len(error.args) == 1 and isinstance(error.args[0], str):
            error.args = (_cut(error.args[0], SCREEN),)
        raise


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most * 2 // 3]} ... {text[-most // 4 :]}"


# Characters of 16 lines.
SCREEN = 1280
