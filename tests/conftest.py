"""What several test modules share: the corpora of `../shared/data`, and offline processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
DATA = Path(os.environ.get("SKRNN_DATA", REPOSITORY.parent / "shared" / "data"))
REUTERS_FILES = ("reuters.npz", "reuters_word_index.json")


@pytest.fixture(scope="session")
def repository():
    """Return the root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def data_file():
    """Return a function that gives the path of a data file, or skips the test."""

    def find(name):
        if not (DATA / name).exists():
            pytest.skip(f"no {name} in {DATA}; SKRNN_DATA names another directory")
        return DATA / name

    return find


@pytest.fixture(scope="session")
def make_keras_home(data_file):
    """Return a function that fills a directory so that it can be KERAS_HOME."""

    def make(directory, files=REUTERS_FILES):
        (directory / "datasets").mkdir()
        for file in files:
            (directory / "datasets" / file).symlink_to(data_file(file))
        return directory

    return make


@pytest.fixture
def channels_first():
    """Set Keras' layout of images to what its keras.json can say, too."""
    import keras

    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format(before)


@pytest.fixture(scope="session")
def run_offline():
    """Return a function that runs Python without a network.

    Keras reads KERAS_HOME only once, so another one takes a new process.
    """

    def run(*args, keras_home):
        nowhere = "http://127.0.0.1:9"
        return subprocess.run(
            [sys.executable, *args],
            env={
                **os.environ,
                "KERAS_HOME": str(keras_home),
                "https_proxy": nowhere,
                "HTTPS_PROXY": nowhere,
                "no_proxy": "",
                "NO_PROXY": "",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run
