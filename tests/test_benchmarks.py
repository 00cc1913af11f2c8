import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
DATA = Path(os.environ.get("SKRNN_DATA", REPOSITORY.parent / "shared" / "data"))
FILES = ("reuters.npz", "reuters_word_index.json")


def run(benchmark, *args, keras_home):
    """Run a benchmark offline, as a user does."""
    nowhere = "http://127.0.0.1:9"
    return subprocess.run(
        [sys.executable, REPOSITORY / "benchmarks" / benchmark, *args],
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


def test_seed(tmp_path):
    missing = [file for file in FILES if not (DATA / file).exists()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {DATA}; SKRNN_DATA names another directory")
    (tmp_path / "datasets").mkdir()
    for file in FILES:
        (tmp_path / "datasets" / file).symlink_to(DATA / file)

    process = run("seed.py", "--quick", keras_home=tmp_path)
    assert process.returncode == 0, process.stderr
    table, versions = process.stdout.split("\n\n")
    header, rule, *rows = (re.split(r" ?\| ?", line)[1:-1] for line in table.splitlines())
    assert header == ["model", "input", "article", "ours", "CPU s"]
    assert [cell.strip(":") for cell in rule] == ["---"] * len(header)
    deep, bidirectional, both = "deep: 4 x 20", "bidirectional: 20", "deep bidirectional: 4 x 10"
    assert [row[:3] for row in rows] == [
        [deep, "ids as numbers", "0.8164"],
        [bidirectional, "ids as numbers", "0.8414"],
        [both, "ids as numbers", "0.8247"],
        [deep, "embedded ids", ""],
        [bidirectional, "embedded ids", ""],
        [both, "embedded ids", ""],
        ["LinearSVC", "TF-IDF of 1-2-grams", ""],
    ]
    for *_, accuracy, seconds in rows:
        assert 0 < float(accuracy) < 1
        assert int(seconds) >= 0
    for package in ("scikit-learn", "tensorflow", "keras", "scikeras", "numpy"):
        assert re.search(rf"{package} \d+\.", versions)


def test_seed_without_data(tmp_path):
    process = run("seed.py", keras_home=tmp_path)
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    # TensorFlow logs to the same stream, but before.
    *_, line = process.stderr.splitlines()
    assert line.startswith("seed.py: reuters.npz is not in the Keras cache")
