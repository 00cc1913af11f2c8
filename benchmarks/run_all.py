"""Run every comparison and rewrite the tables of docs/performance.md.

``make bench`` runs this; it takes more than an hour of CPU time. With ``--quick`` it prints the
tables and leaves the page alone. A comparison can also be run by itself::

    python benchmarks/bench_texts.py --repeats 3
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import bench_attributions
import bench_buckets
import bench_embeddings
import bench_epochs
import bench_first_fit
import bench_grid_search
import bench_limit
import bench_memory
import bench_padding
import bench_predict
import bench_scaling
import bench_texts
import bench_threads
import bench_vectorizer
from _settings import Settings, parse
from _table import conditions, table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

# In the order of the table.
COMPARISONS = (
    bench_epochs,
    bench_first_fit,
    bench_grid_search,
    bench_texts,
    bench_buckets,
    bench_predict,
    bench_memory,
    bench_limit,
    bench_padding,
    bench_vectorizer,
    bench_embeddings,
    bench_attributions,
    bench_threads,
)


def tables(settings: Settings) -> str:
    """Run all comparisons and return their tables and where the numbers come from."""
    lines, notes = [], {}
    for comparison in COMPARISONS:
        print(f"# {comparison.__name__}", file=sys.stderr)
        rows, note = comparison.rows(settings)
        lines += rows
        notes |= dict.fromkeys(note.splitlines())  # once each, in order
    print(f"# {bench_scaling.__name__}", file=sys.stderr)
    growth = bench_scaling.run(settings)
    return "\n\n".join([table(lines), growth, " ".join([*notes, conditions(settings)])])


def replaced(page: str, text: str) -> str:
    """Return the page with another text between the two marks."""
    block = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
    if not block.search(page):
        raise ValueError(f"no {BEGIN} ... {END} in {PAGE.name}")
    return block.sub(lambda _: f"{BEGIN}\n\n{text}\n\n{END}", page)


def main() -> None:
    """Run the comparisons from the command line."""
    settings = parse(__doc__)
    text = tables(settings)
    print(text)
    if not settings.quick:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(replaced(page, text), encoding="utf-8")


if __name__ == "__main__":
    main()
