"""Forked processes, in which TensorFlow cannot run once it ran in the parent."""

from __future__ import annotations

import os

from tensorflow.python.eager import context

_is_broken = False


def check_not_forked() -> None:
    """Raise RuntimeError where TensorFlow would wait for ever.

    A fork copies the memory of TensorFlow's threads, but not the threads.
    """
    if _is_broken:
        raise RuntimeError(
            "This process was forked from one in which TensorFlow had run, and TensorFlow does"
            " not survive a fork. Start processes with joblib's default backend ('loky') or"
            " with multiprocessing.get_context('spawn')."
        )


def _after_fork() -> None:
    global _is_broken
    running = context.context_safe()
    _is_broken = running is not None and running._context_handle is not None


os.register_at_fork(after_in_child=_after_fork)
