"""Works measured in processes of their own, by turns."""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from _settings import Settings

Work = Callable[[], Mapping[str, float]]

# The functions that measure PyTorch.
_PYTORCH = ("pytorch", "skorch")

# Read by the libraries when they are imported. No GPU: what is compared is the CPU.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def alternate(works: Mapping[str, Work], settings: Settings) -> dict[str, dict[str, list[float]]]:
    """Run every work once per repeat and return its values by work and quantity.

    The works take turns, so that a machine that slows down does so for all of them. A
    repeat is a process of its own: nothing is warm but what the work itself warms up.
    """
    results: dict[str, dict[str, list[float]]] = {name: {} for name in works}
    with nullcontext() if settings.quick else _pool() as pool:
        for repeat in range(settings.repeats):
            order = list(works)[:: 1 if repeat % 2 == 0 else -1]
            for name in order:
                process = pool or _quick_pool(_peer_of(works[name]) in _PYTORCH)
                values = process.submit(works[name]).result()
                shown = ", ".join(f"{key} {value:.4g}" for key, value in values.items())
                print(f"{repeat + 1}/{settings.repeats} {name}: {shown}", file=sys.stderr)
                for quantity, value in values.items():
                    results[name].setdefault(quantity, []).append(value)
    return results


def elsewhere(function: Callable, *args: Any) -> Any:
    """Call a function in a process of its own, which takes its imports with it."""
    with _pool() as pool:
        return pool.submit(function, *args).result()


def cpu_seconds(function: Callable, *args: Any, **kwargs: Any) -> float:
    """Return the CPU seconds of a call, those of all threads together."""
    start = time.process_time()
    function(*args, **kwargs)
    return time.process_time() - start


def resident_megabytes(field: str = "VmRSS") -> float:
    """Return the memory of this process: "VmRSS" for now, "VmHWM" for the peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no field {field} in /proc/self/status")


def _pool(*, max_tasks_per_child: int | None = 1) -> ProcessPoolExecutor:
    """Return a pool of one process with one thread on one core."""
    os.environ.update(_ENVIRONMENT)  # for the processes to come, which inherit it
    return ProcessPoolExecutor(
        max_workers=1,
        mp_context=get_context("spawn"),
        initializer=_stay_on_one_core,
        max_tasks_per_child=max_tasks_per_child,
    )


def _peer_of(work: Work) -> str:
    """Return the name of the function that measures, which is that of the peer."""
    return (work.func if isinstance(work, partial) else work).__name__


@cache
def _quick_pool(pytorch: bool) -> ProcessPoolExecutor:
    """Return one of the two processes that a smoke test makes do with.

    Two, because builds of PyTorch and TensorFlow for a GPU end a process that loads both.
    """
    pool = _pool(max_tasks_per_child=None)
    atexit.register(pool.shutdown)
    return pool


def _stay_on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
