"""What the command line of every comparison says."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Settings:
    """How often to measure, whether in earnest, and where the data lies.

    Parameters
    ----------
    repeats : int
        Processes per work.
    quick : bool
        A smoke test: one repeat of tiny works, whose numbers mean nothing.
    data : Path
        Directory of the corpora.
    """

    repeats: int
    quick: bool
    data: Path


def parse(description: str, argv: list[str] | None = None) -> Settings:
    """Read the command line."""
    return settings_of(make_parser(description).parse_args(argv))


def make_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that all comparisons have."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument(
        "--repeats", type=positive, default=5, help="processes per work (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="a smoke test; proves nothing")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("SKRNN_DATA", _DATA)),
        help="directory of reuters.npz, reuters_word_index.json, r8-train.tsv.gz and "
        "r8-test.tsv.gz (default: SKRNN_DATA or ../shared/data)",
    )
    return parser


def positive(text: str) -> int:
    """Read a number that is at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {number}")
    return number


def settings_of(args: argparse.Namespace) -> Settings:
    """Return what the options say."""
    return Settings(1 if args.quick else args.repeats, args.quick, args.data)
