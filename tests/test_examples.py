"""Every script of the gallery runs, without a network and without a warning."""

import os
import runpy
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import skrnn.datasets

mpl.use("agg")

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = sorted(EXAMPLES.rglob("*.py"))


def _not_to_be_had(**params):
    raise FileNotFoundError("no network in this test")


def test_there_are_examples():
    assert len(SCRIPTS) >= 10


# In one process: TensorFlow, the docstrings and the compiled networks come once for all.
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_example(script, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(skrnn.datasets, "load_reuters", _not_to_be_had)
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    plt.close("all")  # what an example that failed has left open
    runpy.run_path(os.fspath(script), run_name="__main__")
    assert capsys.readouterr().out
    assert not plt.get_fignums(), "a figure is made and never shown"
    assert not list(tmp_path.iterdir()), "an example leaves files behind"
