"""Kill a fit with SIGKILL, again and again, and compare its end with an undisturbed one.

Every process continues from the checkpoint of the one before it and is killed at a random
moment after it has written its own first one, which includes the moments of writing::

    python benchmarks/kills.py --kills 50
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _settings import positive

WORDS = np.array(["wheat", "maize", "bank", "rates", "rose", "cut", "exports", "loan"])


def fit(checkpoint: str | None, epochs: int) -> str:
    """Fit a small classifier and return a digest of its probabilities and its history."""
    from skrnn import LSTMTextClassifier

    words = WORDS[np.random.default_rng(0).integers(8, size=(200, 6))]
    labels = (words == "wheat").any(axis=1) * 2 + (words == "bank").any(axis=1)
    clf = LSTMTextClassifier(
        units=8,
        embedding_dim=512,  # a file that takes as long to write as an epoch to train
        epochs=epochs,
        early_stopping=True,
        patience=epochs,
        checkpoint=checkpoint,
        random_state=0,
    )
    texts = [" ".join(text) for text in words]
    probabilities = clf.fit(texts, labels).predict_proba(texts)
    return hashlib.sha256(probabilities.tobytes() + repr(clf.history_).encode()).hexdigest()


def start(*args: object) -> subprocess.Popen:
    """Run this file again."""
    return subprocess.Popen(
        [sys.executable, __file__, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> tuple[str, str]:
    """Return the digest that a process prints, and its stderr."""
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(err)
    return out.strip(), err


def modified(path: Path) -> int:
    """Return when a file was last written, 0 if it never was."""
    return path.stat().st_mtime_ns if path.exists() else 0


def kill(process: subprocess.Popen, path: Path, delay: float) -> None:
    """Kill a process some seconds after it has first written ``path``."""
    before = modified(path)
    while modified(path) == before:
        if process.poll() is not None:
            raise SystemExit(f"A fit ended before it could be killed. {process.stderr.read()}")
        time.sleep(0.001)
    time.sleep(delay)
    process.kill()
    process.communicate()


def main() -> None:
    """Kill, continue and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=positive, default=50)
    parser.add_argument("--fit", help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fit:
        print(fit(None if args.fit == "undisturbed" else args.fit, args.epochs))
        return
    rng = random.Random(0)
    # A process has written a few dozen epochs, at the most, when it is killed.
    epochs = 40 * (args.kills + 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fit.checkpoint")
        unfinished = 0
        for _ in range(args.kills):
            kill(start("--fit", path, "--epochs", epochs), path, rng.random() * 0.3)
            unfinished += len(os.listdir(folder)) - 1
        digest, messages = finish(start("--fit", path, "--epochs", epochs))
        left = sorted(os.listdir(folder))
    expected, _ = finish(start("--fit", "undisturbed", "--epochs", epochs))
    print(
        f"{args.kills} kills, {unfinished} of them while the file was written."
        f" Bitwise equal to an undisturbed fit: {digest == expected}."
        f" Warnings: {messages.count('Warning')}. Files left: {', '.join(left)}."
    )
    sys.exit(digest != expected)


if __name__ == "__main__":
    main()
