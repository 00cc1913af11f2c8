"""What `skrnn.show_versions` prints is enough for a report."""

import re
from importlib.metadata import requires, version

import skrnn


def test_run_time_dependencies(capsys):
    skrnn.show_versions()
    lines = dict(re.findall(r"^ *([\w-]+): (.*)$", capsys.readouterr().out, re.MULTILINE))
    needed = {re.match(r"[\w-]+", line)[0] for line in requires("skrnn") if ";" not in line}
    assert needed
    for package in needed | {"skrnn"}:
        assert lines[package] == version(package)
    assert lines["backend"].startswith("tensorflow (")
    assert lines["python"].startswith("3.")


def test_a_package_that_is_missing(capsys, monkeypatch):
    monkeypatch.setattr("skrnn._show_versions._OPTIONAL", ("no-such-package",))
    skrnn.show_versions()
    assert "no-such-package: None" in capsys.readouterr().out
