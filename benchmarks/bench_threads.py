"""Wall seconds of one more epoch of R8 with several numbers of TensorFlow's threads.

The only comparison that uses all cores and the clock on the wall: run it on an idle machine.
"""

from __future__ import annotations

import os
import time
from functools import partial

from _data import Texts, r8_texts
from _measure import alternate
from _settings import Settings
from _table import Row, main, ratio
from bench_texts import BATCH_SIZE, CUT, LAYERS

THREADS = {"TensorFlow's own": None, "1 and 1": (1, 1), "1 and 2": (1, 2)}


def ours(data: Texts, threads: tuple[int, int] | None) -> dict[str, float]:
    """Measure a warm start with so many intra-op and inter-op threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count()))
    # What TensorFlow reads once, when it starts.
    for index, name in enumerate(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")):
        os.environ.pop(name, None)
        if threads is not None:
            os.environ[name] = str(threads[index])
    from _our_models import text_classifier

    classifier = text_classifier(
        recipe=False, **CUT, **LAYERS, batch_size=BATCH_SIZE, epochs=1, warm_start=True
    )
    classifier.fit(data.train, data.y)
    start = time.perf_counter()
    classifier.fit(data.train, data.y)
    return {"wall": time.perf_counter() - start}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return how TensorFlow's own numbers of threads compare with others."""
    data = r8_texts(settings)
    works = {name: partial(ours, data, threads) for name, threads in THREADS.items()}
    seconds = {name: value["wall"] for name, value in alternate(works, settings).items()}
    work = f"one R8 epoch, wall seconds, {os.cpu_count()} cores: intra-op and inter-op threads"
    own = seconds.pop("TensorFlow's own")
    targets = {"1 and 1": "", "1 and 2": "<= 1.15"}
    lines = [
        ratio(work, f"TensorFlow's own / {name}", targets[name], own, values)
        for name, values in seconds.items()
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
