"""Two figures measured in one run, their ratio and its bound, as a table or as JSON; pure."""

import dataclasses
import json
import statistics
from collections.abc import Sequence

_HEADS = ("name", "figure A", "figure B", "ratio", "bound", "")


@dataclasses.dataclass(frozen=True)
class Figure:
    """What was timed, and each run's seconds."""

    what: str
    seconds: Sequence[float]

    @property
    def median(self) -> float:
        """The median run."""
        return statistics.median(self.seconds)


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Figure `a` over figure `b`, which is promised to be at most `bound`; `load` is the machine's before and after.

    What is `beside` was measured in the same minutes and is judged by nothing.
    """

    name: str
    a: Figure
    b: Figure
    bound: float
    load: tuple[float, float]
    beside: Sequence[Figure] = ()

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return self.a.median / self.b.median

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        return self.ratio <= self.bound


def make_table(ratios: Sequence[Ratio], processors: int) -> str:
    """Makes the table, and below it what the figures are."""
    rows = [_HEADS, *(_make_row(one) for one in ratios)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *(line for one in ratios for line in _explain(one, processors))])


def _make_row(one: Ratio) -> tuple[str, ...]:
    figures = (f"{one.a.median:.2f} s", f"{one.b.median:.2f} s")
    return (one.name, *figures, f"{one.ratio:.2f}", f"{one.bound:g}", "ok" if one.kept else "over")


def _explain(one: Ratio, processors: int) -> list[str]:
    before, after = one.load
    load = f"load {before:.1f} before and {after:.1f} after, on {processors} processors"
    figures = [("A =", one.a), ("B =", one.b), *(("beside:", figure) for figure in one.beside)]
    return [f"{one.name}: {load}", *(f"  {key} {_tell(figure)}" for key, figure in figures)]


def _tell(figure: Figure) -> str:
    return f"{figure.what} ({', '.join(f'{seconds:.2f}' for seconds in figure.seconds)})"


def make_json(ratios: Sequence[Ratio], processors: int) -> str:
    """Makes the same as JSON."""
    found = [{**dataclasses.asdict(one), "ratio": round(one.ratio, 3), "kept": one.kept} for one in ratios]
    return json.dumps({"processors": processors, "ratios": found}, indent=2)
