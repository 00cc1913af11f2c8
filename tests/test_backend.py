"""With another backend of Keras than TensorFlow there is one error; it says where that is set."""

import json
import os
import subprocess
import sys
from types import ModuleType

import pytest

import skrnn

IMPORT = "from skrnn import LSTMTextClassifier"


def run(code, keras_home, **environment):
    """Return what a new process says at its end, on stdout or as its error."""
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "KERAS_HOME": str(keras_home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode == 0:
        return process.stdout.strip()
    return process.stderr.strip().splitlines()[-1]


@pytest.fixture
def keras_home(tmp_path):
    """Return a directory of Keras' settings that say "jax"."""
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "jax"}))
    return tmp_path


# In one process: what failed to import once is imported anew.
MODULES = [name for name in skrnn.__all__ if isinstance(getattr(skrnn, name), ModuleType)]
IMPORTS = [f"from skrnn import {name}" for name in skrnn.__all__]
IMPORTS += [f"import skrnn.{name}" for name in MODULES]
WITHOUT_KERAS = {
    *("SequenceVectorizer", "config_context", "get_config", "show_versions"),
    *("datasets", "model_selection", "utils"),
}


def test_environment(tmp_path):
    code = f"""
for line in {IMPORTS!r}:
    try:
        exec(line)
    except ImportError as error:
        print(line, "|", error)
"""
    answers = run(code, tmp_path, KERAS_BACKEND="torch").splitlines()
    messages = dict(answer.split(" | ") for answer in answers)
    for line in IMPORTS:
        if line.split()[-1].removeprefix("skrnn.") in WITHOUT_KERAS:
            assert line not in messages
            continue
        assert messages[line].startswith("skrnn trains with TensorFlow")
        assert "'torch' (found: the environment variable KERAS_BACKEND=torch)" in messages[line]
        assert "Set KERAS_BACKEND=tensorflow in the environment" in messages[line]


def test_file(keras_home):
    message = run(IMPORT, keras_home)
    assert message.startswith("ImportError")
    assert f"""'jax' (found: "backend": "jax" in {keras_home / "keras.json"})""" in message


def test_the_environment_comes_before_the_file(keras_home):
    assert run(f"{IMPORT}; print('fine')", keras_home, KERAS_BACKEND="tensorflow") == "fine"


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_file_that_says_nothing(content, tmp_path):
    (tmp_path / "keras.json").write_text(content)
    code = "from skrnn._backend import find_backend; print(find_backend())"
    assert run(code, tmp_path) == "('tensorflow', 'the default of Keras')"


def test_keras_is_imported(tmp_path):
    # A stand-in: the other backends are not among what the tests install.
    code = f"""
import sys, types
keras = sys.modules["keras"] = types.ModuleType("keras")
keras.config = types.SimpleNamespace(backend=lambda: "torch")
{IMPORT}
"""
    message = run(code, tmp_path, KERAS_BACKEND="tensorflow")
    assert message.startswith("ImportError")
    assert "'torch' (found: a setting that has changed since, when Keras was imported)" in message
    assert "Start a new process with KERAS_BACKEND=tensorflow" in message


def test_the_vectorizer_works(tmp_path):
    code = """
from skrnn import SequenceVectorizer
print(len(SequenceVectorizer(analyzer="word").fit(["wheat rose"]).vocabulary_))
"""
    assert run(code, tmp_path, KERAS_BACKEND="torch") == "2"
