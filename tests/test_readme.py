"""The examples of the README run, one after the other as a reader would type them."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"(<!-- before -->\n)?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_examples(capsys):
    namespace = {}
    blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
    # What an old version of Keras understood cannot run any more.
    current = [code for before, code in blocks if not before]
    assert len(current) == len(blocks) - 1
    for code in current:
        exec(compile(code, README.name, "exec"), namespace)
    output, _ = capsys.readouterr()
    accuracy = re.search(r"accuracy on the test texts: (0\.\d+)", output)
    assert float(accuracy[1]) > 0.5
    assert set(namespace["search"].best_params_) == {"bidirectional", "vectorizer__max_features"}


@pytest.mark.parametrize("target", ["demo", "test"])
def test_commands_exist(target):
    makefile = README.with_name("Makefile").read_text(encoding="utf-8")
    assert f"make {target}" in README.read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
