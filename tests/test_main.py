import re

import pytest

from skrnn.__main__ import main

TINY = ["--max-samples", "60", "--epochs", "2"]
MODELS = [
    "TF-IDF + logistic regression",
    "deep LSTM (4 x 20)",
    "bidirectional LSTM (20)",
    "deep bidirectional LSTM (4 x 10)",
    "wide and deep",
]


def parse(output):
    """Return the numbers of every model in the table at the end of the output."""
    *_, table, _ = output.split("\n\n")
    header, *rows = table.splitlines()
    assert re.split(r"\s{2,}", header) == ["model", "accuracy", "seconds", "parameters"]
    assert {len(row) for row in rows} == {len(header)}
    cells = [re.split(r"\s{2,}", row) for row in rows]
    return {
        name: (float(accuracy), float(seconds), int(parameters.replace(",", "")))
        for name, accuracy, seconds, parameters in cells
    }


def check(output, n_epochs):
    results = parse(output)
    assert list(results) == MODELS
    for accuracy, seconds, n_parameters in results.values():
        assert 0 < accuracy < 1
        assert seconds >= 0
        assert n_parameters > 0
    right, wrong = re.search(r"gets (\d+) right .* and (\d+) wrong", output, re.DOTALL).groups()
    assert int(right) + int(wrong) > 0
    for name in MODELS[1:]:
        (line,) = re.findall(rf"^{re.escape(name)} +((?:[ 0-9]{{2,3}} )+)\(\d+ s\)$", output, re.M)
        assert len(line.split()) == n_epochs


def test_docstrings(capsys):
    assert main([*TINY, "--random-state", "7"]) == 0
    output, _ = capsys.readouterr()
    assert "60 texts to train with" in output
    assert "4 classes" in output
    check(output, n_epochs=2)


def test_reuters(tmp_path, make_keras_home, run_offline):
    keras_home = make_keras_home(tmp_path)
    process = run_offline("-m", "skrnn", "--data", "reuters", *TINY, keras_home=keras_home)
    assert process.returncode == 0, process.stderr
    assert "60 texts to train with, 599 to test with" in process.stdout
    check(process.stdout, n_epochs=2)


def test_reuters_offline_and_not_cached(tmp_path, run_offline):
    process = run_offline("-m", "skrnn", "--data", "reuters", keras_home=tmp_path)
    assert process.returncode == 1
    assert process.stdout == ""
    assert "Traceback" not in process.stderr
    # TensorFlow logs to the same stream, but before.
    *_, line = process.stderr.splitlines()
    assert line.startswith("reuters.npz is not in the Keras cache")
    assert process.stderr.count("reuters.npz is not") == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--epochs", "0"], "argument --epochs: invalid positive_int value: '0'"),
        (["--data", "imdb"], "argument --data: invalid choice: 'imdb'"),
        (["--max-samples", "1"], "--max-samples 1 leaves texts of a single class"),
    ],
)
def test_bad_arguments(args, message, capsys):
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
