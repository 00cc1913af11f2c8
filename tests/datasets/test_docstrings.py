import hashlib
import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skrnn.datasets import _docstrings, load_docstrings

DIGEST = """
import hashlib, sys
from skrnn.datasets import load_docstrings, load_reuters, make_word_order_corpus
before = set(sys.modules)
bunch = load_docstrings()
imported = {name.partition(".")[0] for name in sys.modules}
assert not imported & {"keras", "tensorflow"}, imported
new = {name for name in set(sys.modules) - before if name.startswith(("numpy", "scipy"))}
assert not new, new
print(hashlib.sha256(repr((bunch.data, bunch.target.tolist())).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def corpus():
    return load_docstrings()


def test_bunch(corpus):
    assert set(corpus) == {"data", "target", "target_names", "DESCR"}
    assert isinstance(corpus.data, list)
    assert all(isinstance(text, str) for text in corpus.data)
    assert corpus.target.shape == (len(corpus.data),)
    assert np.issubdtype(corpus.target.dtype, np.integer)
    assert corpus.target_names == ["keras", "numpy", "scikit-learn", "scipy"]
    assert f"texts: {len(corpus.data)}" in corpus.DESCR


def test_size(corpus):
    # Wide ranges: the counts depend on the installed versions.
    assert 7_000 < len(corpus.data) < 13_000
    counts = np.bincount(corpus.target, minlength=4)
    assert counts.min() > 1_000
    assert counts.max() < 0.5 * counts.sum()


def test_texts_are_distinct_and_not_trivial(corpus):
    assert len(set(corpus.data)) == len(corpus.data)
    for text in corpus.data:
        assert text == " ".join(text.split())
        assert len(_docstrings.WORD.findall(text)) >= 4


def test_no_text_names_a_package(corpus):
    text = "\n".join(corpus.data).lower()
    for name in ["numpy", "scipy", "sklearn", "scikit-learn", "scikit learn", "keras"]:
        assert name not in text


def test_neither_trivial_nor_hopeless(corpus):
    model = make_pipeline(TfidfVectorizer(), LinearSVC())
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(model, corpus.data, corpus.target, cv=folds)
    assert 0.7 < scores.mean() < 0.87


def test_same_corpus_in_every_process_without_importing_packages(corpus):
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    expected = repr((corpus.data, corpus.target.tolist())).encode()
    assert process.stdout.strip() == hashlib.sha256(expected).hexdigest()


def test_return_data_and_target(corpus):
    X, y = load_docstrings(return_X_y=True)
    assert corpus.data == X
    assert_array_equal(y, corpus.target)


def test_changing_a_result_does_not_change_the_next_one(corpus):
    X, y = load_docstrings(return_X_y=True)
    X.clear()
    y[:] = -1
    X, y = load_docstrings(return_X_y=True)
    assert corpus.data == X
    assert_array_equal(y, corpus.target)


def test_subset_keeps_proportions_and_order(corpus):
    X, y = load_docstrings(max_samples=400, random_state=0, return_X_y=True)
    assert len(X) == len(y) == 400
    expected = np.bincount(corpus.target) / len(corpus.target) * 400
    assert np.abs(np.bincount(y) - expected).max() <= 1
    target_of = dict(zip(corpus.data, corpus.target, strict=True))
    assert_array_equal(y, [target_of[text] for text in X])
    position_of = {text: position for position, text in enumerate(corpus.data)}
    positions = [position_of[text] for text in X]
    assert positions == sorted(set(positions))


def test_random_state_decides_the_subset():
    subset = load_docstrings(max_samples=50, random_state=0).data
    assert load_docstrings(max_samples=50, random_state=0).data == subset
    assert load_docstrings(max_samples=50, random_state=1).data != subset


def test_max_samples_above_the_size_returns_all(corpus):
    assert load_docstrings(max_samples=10**6).data == corpus.data


@pytest.mark.parametrize(
    "params",
    [{"return_X_y": "yes"}, {"max_samples": 0}, {"max_samples": 0.5}, {"random_state": "seed"}],
)
def test_bad_parameters(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of load_docstrings"):
        load_docstrings(**params)


def test_missing_package(monkeypatch):
    monkeypatch.setattr(_docstrings, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="'keras', which is not installed"):
        _docstrings._collect.__wrapped__()


def test_ambiguous_and_repeated_texts(tmp_path, monkeypatch):
    for package, docstrings in {
        "keras": ["Only in the first package.", "In both of the packages."],
        "numpy": ["Twice in the second package."] * 2 + ["In both of the packages."],
    }.items():
        (tmp_path / package).mkdir()
        for i, docstring in enumerate(docstrings):
            (tmp_path / package / f"module{i}.py").write_text(f'"""{docstring}"""')
    monkeypatch.setattr(_docstrings, "PACKAGES", {"keras": "keras", "numpy": "numpy"})
    monkeypatch.setattr(_docstrings, "_directory", lambda package: tmp_path / package)
    texts, labels = _docstrings._collect.__wrapped__()
    assert texts == ("Only in the first package.", "Twice in the second package.")
    assert labels == (0, 1)


def test_the_file_system_does_not_decide_the_order(tmp_path, monkeypatch):
    for name in ["b.py", "a.py", "c/a.py", "a/z.py"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = _docstrings._source_files(tmp_path)
    assert len(files) == 4
    rglob = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda *args: reversed(list(rglob(*args))))
    assert _docstrings._source_files(tmp_path) == files


@pytest.mark.parametrize(
    "name",
    ["tests/a.py", "a/tests/b/c.py", "conftest.py", "test_a.py", "a_test.py", "externals/a.py"],
)
def test_tests_and_vendored_code_are_left_out(tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "latest.py").touch()
    assert _docstrings._source_files(tmp_path) == [tmp_path / "latest.py"]


def test_installation_below_a_directory_called_tests(tmp_path):
    package = tmp_path / "tests" / "package"
    package.mkdir(parents=True)
    (package / "a.py").touch()
    assert _docstrings._source_files(package) == [package / "a.py"]


@pytest.mark.parametrize("source", [b"def f(:", b'"\xff"', b"# coding: unknown", b"x = '\x00'"])
def test_files_that_cannot_be_parsed_are_skipped(tmp_path, source):
    path = tmp_path / "module.py"
    path.write_bytes(source)
    assert list(_docstrings._docstrings(path)) == []


def test_every_definition_is_read(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        '"""module"""\n'
        "class A:\n"
        '    """class"""\n'
        '    def f(self):\n        """method"""\n'
        "try:\n    import a\n"
        'except ImportError:\n    async def f():\n        """in except"""\n'
        'else:\n    def f():\n        """in else"""\n'
        'finally:\n    def f():\n        """in finally"""\n'
        'match 1:\n    case 1:\n        def f():\n            """in match"""\n'
        'def f():\n    def g():\n        """nested"""\n'
        '    "no docstring"\n'
    )
    assert sorted(_docstrings._docstrings(path)) == sorted(
        ["module", "class", "method", "in except", "in else", "in finally", "in match", "nested"]
    )


def test_warnings_about_sources_do_not_leak(tmp_path):
    path = tmp_path / "module.py"
    path.write_text('"""A \\d docstring."""\nassert 1 is 1\n')
    filters = list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert list(_docstrings._docstrings(path)) == ["A \\d docstring."]
    assert caught == []
    assert warnings.filters == filters


@pytest.mark.parametrize(
    ("docstring", "summary"),
    [
        ("Fit\n  the model.\n\nMore.", "Fit the model."),
        ("Fit it.\nParameters\n----------\nX : array", "Fit it."),
        ("Parameters\n----------\nX : array", ""),
        ("A title\n=======\nand text.", "A title and text."),
        ("A `numpy.ndarray` or a NumPy dtype", "A `ndarray` or a dtype"),
        ("SciPy, Scikit-learn, sklearn.svm and KerasTensor", ", , svm and Tensor"),
    ],
)
def test_summary(docstring, summary):
    assert _docstrings._summary(docstring) == summary


@pytest.mark.parametrize("package", list(_docstrings.PACKAGES))
def test_directory(package):
    # Once it is imported, Keras 3.5 has a second one behind it.
    location, *_ = importlib.util.find_spec(package).submodule_search_locations
    assert _docstrings._directory(package) == Path(location)
