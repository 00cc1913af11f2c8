"""Comparisons as rows of a Markdown table, and the machine they were made on."""

from __future__ import annotations

import operator
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from _settings import Settings, parse

_PACKAGES = ("tensorflow", "keras", "scikeras", "torch", "skorch", "scikit-learn", "numpy")
_HEADER = ("work", "compared", "target", "measured", "min - max", "first", "second", "repeats")
_COMPARE = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    work : str
        What was done.
    compared : str
        What ``values`` are, such as "Keras / ours".
    target : str
        ">= 2" or "<= 2", or nothing.
    values : sequence of float
        One value per repeat; none where the row could not be measured.
    first, second : str
        Medians of what the values are the ratios of; or why there are no values.
    """

    work: str
    compared: str
    target: str
    values: Sequence[float]
    first: str = ""
    second: str = ""

    def cells(self) -> list[str]:
        """Return the texts of the line's cells."""
        if not self.values:
            measured, spread = "not measured", ""
        else:
            measured = f"{statistics.median(self.values):.3g}"
            spread = f"{min(self.values):.3g} - {max(self.values):.3g}"
            if self.target and not self._is_met():
                measured = f"**{measured}** (missed)"
        return [
            self.work,
            self.compared,
            self.target,
            measured,
            spread,
            self.first,
            self.second,
            str(len(self.values)),
        ]

    def _is_met(self) -> bool:
        comparison, limit = self.target.split()
        # As printed: a value that reads like its limit meets it.
        measured = float(f"{statistics.median(self.values):.3g}")
        return _COMPARE[comparison](measured, float(limit))


def ratio(
    work: str,
    compared: str,
    target: str,
    first: Sequence[float],
    second: Sequence[float],
    unit: str = "s",
) -> Row:
    """Return the row of the ratios of paired repeats."""
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    return Row(work, compared, target, ratios, _median(first, unit), _median(second, unit))


def without_peer(work: str, compared: str, target: str, peers: Iterable[str]) -> Row | None:
    """Return a row that says which peers are not installed, or None if all are."""
    missing = [peer for peer in peers if find_spec(peer) is None]
    if not missing:
        return None
    return Row(work, compared, target, (), f"not installed: {', '.join(missing)}")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; all columns but the first two are aligned to the right."""
    rule = ["---" if index < 2 else "---:" for index in range(len(header))]
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)]
    return "\n".join(lines)


def table(rows: Iterable[Row]) -> str:
    """Return rows as one table."""
    return markdown(_HEADER, [row.cells() for row in rows])


def conditions(settings: Settings) -> str:
    """Return what has to be known about the machine and the way of measuring."""
    versions = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            versions.append(f"{package} not installed")
    how = "CPU seconds of one thread on one core."
    if settings.quick:
        how = "A smoke test: the numbers mean nothing."
    return f"{how} {_processor()}; Python {platform.python_version()}, {', '.join(versions)}."


def main(description: str, make_rows: Callable[[Settings], tuple[list[Row], str]]) -> None:
    """Run one comparison from the command line."""
    settings = parse(description)
    rows, note = make_rows(settings)
    print(table(rows))
    print(f"\n{note}\n{conditions(settings)}" if note else f"\n{conditions(settings)}")


def _median(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.3g} {unit}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
