import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import skrnn

REPOSITORY = Path(__file__).parents[1]


def imports_tensorflow(statement):
    """Say whether a statement imports TensorFlow in a new process."""
    process = subprocess.run(
        [sys.executable, "-c", f"import sys\n{statement}\nprint('tensorflow' in sys.modules)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return {"True": True, "False": False}[process.stdout.splitlines()[-1]]


@pytest.mark.parametrize(
    "statement",
    [
        "import skrnn",
        "from skrnn import SequenceVectorizer",
        "from skrnn.datasets import load_docstrings, make_word_order_corpus",
        "from skrnn.model_selection import default_search_space",
        "import skrnn; skrnn.show_versions()",
        "import skrnn; dir(skrnn); skrnn.__version__; hasattr(skrnn, 'nothing')",
    ],
)
def test_no_tensorflow(statement):
    assert not imports_tensorflow(statement)


def test_tensorflow():
    assert imports_tensorflow("from skrnn import LSTMTextClassifier")


def test_dir():
    assert set(skrnn.__all__) <= set(dir(skrnn))
    assert dir(skrnn) == sorted(set(dir(skrnn)))


@pytest.mark.parametrize("name", skrnn.__all__)
def test_public_names(name):
    value = getattr(skrnn, name)
    assert value.__name__.rpartition(".")[2] == name
    assert value.__doc__


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="module 'skrnn' has no attribute 'nothing'"):
        skrnn.nothing  # noqa: B018


def test_version():
    assert skrnn.__version__ == version("skrnn")
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {skrnn.__version__}\n" in citation


def test_wheel(tmp_path):
    # Built from a copy: setuptools writes beside the sources.
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    shutil.copytree(REPOSITORY, source, ignore=ignored)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, source]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"skrnn-{skrnn.__version__}-py3-none-any.whl"

    names = zipfile.ZipFile(wheel).namelist()
    package = source / "skrnn"
    sources = [path for path in package.rglob("*") if path.suffix == ".py"]
    expected = {str(path.relative_to(source)) for path in [package / "py.typed", *sources]}
    metadata = re.compile(r"skrnn-[\d.]+\.dist-info/.*")
    assert {name for name in names if not metadata.fullmatch(name)} == expected
    assert any(name.endswith("/licenses/LICENSE") for name in names)
