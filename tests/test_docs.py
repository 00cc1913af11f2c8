"""The pages of the site: what they list is complete, and what they show runs."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import skrnn

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = sorted((DOCS / "user_guide").glob("*.md"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _public_modules():
    for module in walk_packages(skrnn.__path__, "skrnn."):
        if not re.search(r"\._", module.name):
            yield module.name


def _listed_on_api_page():
    """Return the names of the reference, as modules and attributes."""
    module, names = None, set()
    for line in (DOCS / "api.rst").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\.\. currentmodule:: (\S+)", line):
            module = match[1]
        elif match := re.fullmatch(r"   (\w+)", line):
            names.add((module, match[1]))
    return names


@pytest.mark.parametrize("module", ["skrnn", *_public_modules()])
def test_reference_is_complete(module):
    """A new public name needs a line in docs/api.rst."""
    public = import_module(module)
    listed = {name for _, name in _listed_on_api_page()}
    modules = {name.rpartition(".")[2] for name in _public_modules()}
    assert set(public.__all__) - modules <= listed


def test_reference_has_nothing_else():
    for module, name in _listed_on_api_page():
        assert name in import_module(module).__all__


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.stem)
def test_code_of_the_guide_runs(page, capsys):
    namespace = {}
    for code in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(code, page.name, "exec"), namespace)
