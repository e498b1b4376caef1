"""Text in columns."""

from collections.abc import Sequence

__all__ = ["make_columns"]


def make_columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Makes a table; nothing where there are no rows."""
    if not rows:
        return ""
    lines = [heads, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    padded = (zip(line, widths, strict=True) for line in lines)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in padded)
