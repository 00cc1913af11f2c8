"""The direction of all imports within the package, read from the source."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "skrnn"

# From the bottom to the top: what stands in a row imports nothing from the rows below it.
ROWS = (
    ("_version", "_config", "_optional", "_backend", "_default_parts"),
    ("_show_versions",),
    ("_data", "layers"),
    ("_vectors",),
    ("_network",),
    ("_model",),
    ("_files", "export", "inspection", "_scikeras", "_model_mixin"),
    ("_training",),
    ("_classifier",),
    ("ensemble",),
    ("_load", "model_selection", "utils", "datasets"),
    ("__main__", "__init__"),
)
HEIGHT = {name: height for height, row in enumerate(ROWS) for name in row}
WITHOUT_TENSORFLOW = {"_data", "_vectors", "_config", "_optional", "_version", "__init__"} | {
    "_backend",
    "_show_versions",
}


def imports(path):
    """Yield the module names of all imports of a file, also of those for types only."""
    package = ["skrnn", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *([node.module] if node.module else [])]
            yield ".".join(module)
            for alias in node.names:
                yield ".".join([*module, alias.name])


def room(module):
    """Return the folder, or the file at the top, that a module of the package is in."""
    return module.split(".")[1]


FILES = sorted(PACKAGE.rglob("*.py"))
EDGES = {
    path.relative_to(PACKAGE).as_posix(): {
        name for name in imports(path) if name.startswith("skrnn.") and room(name) in HEIGHT
    }
    for path in FILES
}


def test_every_room_has_its_height():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert rooms == HEIGHT.keys()


@pytest.mark.parametrize("file", EDGES)
def test_no_import_runs_upward(file):
    own = file.split("/")[0].removesuffix(".py")
    too_high = {
        name
        for name in EDGES[file]
        if room(name) != own and HEIGHT[room(name)] >= HEIGHT[own] and own != "__init__"
    }
    assert not too_high


def test_no_circle_within_a_folder():
    modules = {
        "skrnn." + file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): names
        for file, names in EDGES.items()
    }
    graph = {module: names & modules.keys() - {module} for module, names in modules.items()}
    while graph:
        leaves = {module for module, names in graph.items() if not names & graph.keys()}
        assert leaves, f"in a circle: {sorted(graph)}"
        graph = {module: names for module, names in graph.items() if module not in leaves}


@pytest.mark.parametrize(
    "file",
    [file for file in EDGES if file.split("/")[0].removesuffix(".py") in WITHOUT_TENSORFLOW],
)
def test_what_reads_data_needs_no_tensorflow(file):
    roots = {name.split(".")[0] for name in imports(PACKAGE / file)}
    assert not roots & {"tensorflow", "keras", "scikeras"}
