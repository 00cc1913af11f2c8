import importlib.util
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
BENCHMARKS = REPOSITORY / "benchmarks"


def test_seed(tmp_path, make_keras_home, run_offline):
    keras_home = make_keras_home(tmp_path)
    process = run_offline(BENCHMARKS / "seed.py", "--quick", keras_home=keras_home)
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
        ["default", "ids as numbers", ""],
        [deep, "embedded ids", ""],
        [bidirectional, "embedded ids", ""],
        [both, "embedded ids", ""],
        ["default", "embedded ids", ""],
        ["LinearSVC", "TF-IDF of 1-2-grams", ""],
    ]
    for *_, accuracy, seconds in rows:
        assert 0 < float(accuracy) < 1
        assert int(seconds) >= 0
    for package in ("scikit-learn", "tensorflow", "keras", "scikeras", "numpy"):
        assert re.search(rf"{package} \d+\.", versions)


def test_seed_without_data(tmp_path, run_offline):
    process = run_offline(BENCHMARKS / "seed.py", keras_home=tmp_path)
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    # TensorFlow logs to the same stream, but before.
    *_, line = process.stderr.splitlines()
    assert line.startswith("seed.py: reuters.npz is not in the Keras cache")


TORCH = ("torch", "skorch")
# What a smoke test's row begins with, what it compares, and the peers it needs.
COMPARISONS = [
    ("5 further epochs", "Keras / ours", ()),
    ("5 further epochs", "PyTorch / ours", TORCH),
    ("first fit", "Keras / ours", ()),
    ("second fit, new estimator", "Keras / ours", ()),
    ("second fit, same estimator", "Keras / ours", ()),
    ("GridSearchCV", "scikeras / ours", ()),
    ("GridSearchCV", "skorch / ours", TORCH),
    ("R8 from raw text", "Keras / ours", ()),
    ("R8 from raw text", "skorch / ours", TORCH),
    ("the same with the default recipe", "recipe / plain network", ()),
    ("one R8 epoch, PyTorch with", "PyTorch / ours, batches of 32", TORCH[:1]),
    ("one R8 epoch, PyTorch with", "PyTorch / ours, each at its best", TORCH[:1]),
    ("one text of", "Keras on ready ids / ours", ()),
    ("one text of", "ms, LSTMTextClassifier()", ()),
    ("one text of", "ms, WideAndDeepTextClassifier()", ()),
    ("one text of", "ours / exported, in onnxruntime", ()),
    ("60 R8 test texts to labels", "Keras padded / ours", ()),
    ("2 fits in one process", "MB, ours", ()),
    ("2 fits in one process", "MB, ours, recycle=False", ()),
    ("2 fits in one process", "MB, scikeras", ()),
    ("one R8 epoch, BiLSTM(64)", "ours / matrix products in numpy", ()),
    ("one R8 epoch, BiLSTM(64)", "ours / matrix products in TensorFlow", ()),
    ("one R8 epoch, texts cut at 256", "padded to the cut: steps / words", ()),
    ("one R8 epoch, texts cut at 256", "random batches, trimmed: steps / words", ()),
    ("one R8 epoch, texts cut at 256", "ours: steps / words", ()),
    ("60 R8 texts to ids, transform", "ours / bare re.findall and dict", ()),
    ("60 R8 texts to ids, transform", "ours / CountVectorizer", ()),
    ("60 R8 texts to ids, fit_transform", "ours / CountVectorizer", ()),
    ("60 Chinese texts to ids, transform", "ours / bare pairs and dict", ()),
    ("128 dimensions of word vectors, 10,000 Zipf", "seconds and memory at the peak", ()),
    ("128 dimensions of word vectors, R8", "seconds and memory at the peak", ()),
    ("10 R8 test texts explained by integrated", "seconds; second: CPU seconds", ()),
    ("10 R8 test texts explained by occlusion", "seconds; second: CPU seconds", ()),
    ("one text of", "CPU ms, integrated gradients", ()),
    ("one text of", "CPU ms, occlusion", ()),
    ("one R8 epoch, wall seconds", "TensorFlow's own / 1 and 1", ()),
    ("one R8 epoch, wall seconds", "TensorFlow's own / 1 and 2", ()),
]


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.fixture(scope="module")
def smoke(tmp_path_factory, run_offline):
    """Run all comparisons once, in as small a form as they have, and read what is printed."""
    keras_home = tmp_path_factory.mktemp("keras")
    process = run_offline(BENCHMARKS / "run_all.py", "--quick", keras_home=keras_home)
    assert process.returncode == 0, process.stderr
    comparisons, growth, conditions = process.stdout.split("\n\n")
    return (
        [cells(line) for line in comparisons.splitlines()],
        [cells(line) for line in growth.splitlines()],
        conditions,
    )


@pytest.mark.parametrize(("work", "compared", "peers"), COMPARISONS)
def test_comparison(smoke, work, compared, peers):
    (row,) = (row for row in smoke[0] if row[0].startswith(work) and row[1] == compared)
    missing = [peer for peer in peers if importlib.util.find_spec(peer) is None]
    if missing:
        assert row[3:] == ["not measured", "", f"not installed: {', '.join(missing)}", "", "0"]
        pytest.skip(f"{', '.join(missing)} not installed: pip install '.[bench]'")
    assert re.fullmatch(r"[\d.e+-]+|\*\*[\d.e+-]+\*\* \(missed\)", row[3])
    assert row[5]


def test_no_other_comparison(smoke):
    header, _, *rows = smoke[0]
    assert header == [
        "work", "compared", "target", "measured", "min - max", "first", "second", "repeats"
    ]  # fmt: skip
    assert len(rows) == len(COMPARISONS)
    header, _, *rows = smoke[1]
    assert header == ["doubled", "from", "x 1", "x 2", "last doubling"]
    assert [row[0] for row in rows] == ["documents", "mean length", "vocabulary", "units"]


def test_conditions(smoke):
    assert "A smoke test: the numbers mean nothing." in smoke[2]
    for package in ("Python", "tensorflow", "keras", "scikit-learn", "torch", "skorch"):
        assert re.search(rf"{package} (\d+\.|not installed)", smoke[2])


def test_alternatives(tmp_path, run_offline):
    process = run_offline(BENCHMARKS / "alternatives.py", "--quick", keras_home=tmp_path)
    assert process.returncode == 0, process.stderr
    header, _, *rows = (cells(line) for line in process.stdout.split("\n\n")[0].splitlines())
    needs = {"fastText": ("fasttext",), "skorch": TORCH}
    ours = ["LSTMTextClassifier()", "WideAndDeepTextClassifier()"]
    peers = ["TF-IDF + LinearSVC", "fastText", "skorch", "Keras", *ours]
    assert header[2:] == [
        peer for peer in peers if all(map(importlib.util.find_spec, needs.get(peer, ())))
    ]
    assert [row[0] for row in rows] == ["generated"]
    for cell in rows[0][2:]:
        assert re.fullmatch(r"[01]\.\d{3}, \d+\.\d s", cell)


def test_every_comparison_is_run_by_make():
    run_all = (BENCHMARKS / "run_all.py").read_text(encoding="utf-8")
    for path in BENCHMARKS.glob("bench_*.py"):
        assert f"import {path.stem}" in run_all
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert "benchmarks/run_all.py" in makefile
    page = (REPOSITORY / "docs" / "performance.md").read_text(encoding="utf-8")
    assert re.search("<!-- tables: begin -->.*<!-- tables: end -->", page, re.DOTALL)


@pytest.mark.parametrize("script", ["bench_scaling.py", "run_all.py"])
def test_command_line(script, tmp_path, run_offline):
    process = run_offline(BENCHMARKS / script, "--help", keras_home=tmp_path)
    assert process.returncode == 0, process.stderr
    assert all(option in process.stdout for option in ("--repeats", "--quick", "--data"))


def test_without_data(tmp_path, run_offline):
    arguments = [BENCHMARKS / "bench_padding.py", "--quick", "--data", str(tmp_path)]
    process = run_offline(*arguments, keras_home=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "R8 NOT FOUND: generated texts of about the same size stand in." in process.stdout
