"""Which backend Keras has or will have, told without importing Keras."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

_NEEDED = "tensorflow"


def find_backend() -> tuple[str, str]:
    """Return the name of Keras' backend, and the setting that it comes from.

    The same places as in Keras, in the same order: an imported Keras keeps its backend; then
    comes the environment, then the file of settings.
    """
    variable = os.environ.get("KERAS_BACKEND")
    file = _settings_file()
    from_file = _backend_in(file)
    sources = {}
    if from_file:
        sources[from_file] = f'"backend": "{from_file}" in {file}'
    if variable:
        sources[variable] = f"the environment variable KERAS_BACKEND={variable}"
    if "keras" in sys.modules:
        backend = sys.modules["keras"].config.backend()
        source = sources.get(backend, "a setting that has changed since")
        return backend, f"{source}, when Keras was imported"
    backend = variable or from_file or _NEEDED
    return backend, sources.get(backend, "the default of Keras")


def check_backend() -> None:
    """Raise ImportError where Keras has or will have another backend than TensorFlow.

    Keras imports its backend at once, and with another one than TensorFlow it ends somewhere
    else than here, with an error that says nothing about it.
    """
    backend, source = find_backend()
    if backend == _NEEDED:
        return
    if "keras" in sys.modules:
        remedy = "Start a new process with KERAS_BACKEND=tensorflow in its environment."
    else:
        remedy = (
            "Set KERAS_BACKEND=tensorflow in the environment before Python starts, or"
            " os.environ['KERAS_BACKEND'] = 'tensorflow' before the first import of Keras."
        )
    raise ImportError(
        f"skrnn trains with TensorFlow, but the backend of Keras is {backend!r} (found:"
        f" {source}). {remedy} SequenceVectorizer works with every backend."
    )


def _settings_file() -> Path:
    """Return where Keras looks for its settings."""
    if "KERAS_HOME" in os.environ:
        folder = os.environ["KERAS_HOME"]
    else:
        home = os.path.expanduser("~")
        # Where the home directory cannot be written, Keras takes this one.
        folder = os.path.join(home if os.access(home, os.W_OK) else "/tmp", ".keras")
    return Path(folder).expanduser() / "keras.json"


def _backend_in(file: Path) -> str | None:
    try:
        return json.loads(file.read_text(encoding="utf-8")).get("backend")
    # Keras takes no notice of a file that it cannot read, either.
    except (OSError, ValueError, AttributeError):
        return None
