import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skrnn._data import parts
from skrnn._data.parts import MOST_CHARACTERS, WordParts, ngrams, without_parts
from skrnn._data.sequences import UNKNOWN, Sequences


def rows_of(sequences):
    return [row.tolist() for row in np.split(sequences.values, sequences.offsets[1:-1])]


def make_sequences(rows):
    values = np.array([value for row in rows for value in row], dtype=np.int32)
    return Sequences.from_lengths(values, np.array([len(row) for row in rows], dtype=np.int64))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a", ["<a>"]),
        ("is", ["<is", "is>", "<is>"]),
        ("aaaa", ["<aa", "aaa", "aa>", "<aaa", "aaaa", "aaa>", "<aaaa", "aaaa>"]),
        ("中", ["中"]),
        ("国国", ["国"]),
        ("한국", ["한", "국"]),
        ("한국어", ["<한국", "한국어", "국어>", "<한국어", "한국어>", "<한국어>"]),
        ("()", ["<()", "()>", "<()>"]),
        ("", []),
    ],
)
def test_ngrams(word, expected):
    assert ngrams(word) == expected


def test_the_beginning_of_a_run_without_blanks_counts():
    rng = np.random.default_rng(0)
    run = "".join(rng.choice(list("abcdefgh"), size=20_000))
    assert ngrams(run) == ngrams(run[:MOST_CHARACTERS])
    assert run[500:503] in ngrams(run)


def test_parts_are_what_two_words_hold_the_most_common_first():
    shared = WordParts(["walking", "talking", "king", "tree"])
    assert set(shared.names[:3]) == {"kin", "ing", "ng>"}
    assert "alk" in shared.names
    assert "<wa" not in shared.names
    assert "<tr" not in shared.names


def test_so_many_parts_at_most(monkeypatch):
    monkeypatch.setattr(parts, "MOST_PARTS", 3)
    assert len(WordParts(["walking", "talking", "king"]).names) == 3


def test_ids_have_the_parts_of_their_words():
    shared = WordParts(["king", "kings", "tree"])
    of_ids = rows_of(shared.of_ids)
    assert of_ids[:2] == [[], []]
    assert {shared.names[number] for number in of_ids[2]} == set(ngrams("king")) & set(
        ngrams("kings")
    )
    assert of_ids[4] == []


def test_words_without_an_id_are_spelt_out():
    shared = WordParts(["abc", "abcd", "xyz"])
    names = {name: -1 - number for number, name in enumerate(shared.names)}
    assert set(names) == {"<ab", "abc", "<abc"}
    sequences = make_sequences([[2, -1, 3], [-2], [4], [-1]])
    spelt = shared.spelt_out(sequences, ["abx", "qqq"])
    assert rows_of(spelt) == [
        [2, UNKNOWN, names["<ab"], 3],
        [UNKNOWN],
        [4],
        [UNKNOWN, names["<ab"]],
    ]
    assert spelt.values.dtype == np.int32


@given(rows=st.lists(st.lists(st.integers(-3, 4).filter(bool), max_size=5), max_size=5))
def test_without_parts_undoes_spelling_out(rows):
    sequences = make_sequences(rows)
    spelt = WordParts(["abc", "abcd", "xyz"]).spelt_out(sequences, ["abx", "qqq", "abcde"])
    words = without_parts(spelt)
    assert_array_equal(words.offsets, sequences.offsets)
    assert_array_equal(words.values, np.where(sequences.values < 0, UNKNOWN, sequences.values))


def test_numbers_do_not_depend_on_the_seed_of_hashes():
    code = (
        "from skrnn._data.parts import WordParts;"
        "print(WordParts(['walking', 'talking', 'king', 'kin']).names)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
