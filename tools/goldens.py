"""Writes the records and templates that are kept in the repository: `python -m tools.goldens`."""

import argparse
import os
import pathlib
import sys
from collections.abc import Iterator, Sequence

from arm import registrations, template
from tools import environments

__all__ = ["RECORDS", "TEMPLATES", "list_goldens", "main"]

RECORDS = environments.ROOT / "tests/unit/azure/golden"
TEMPLATES = environments.ROOT / "docs/arm"


def list_goldens() -> Iterator[tuple[pathlib.Path, str]]:
    """Give every kept file and what it must hold."""
    for stack in environments.STACKS:
        found = environments.record(stack).resources
        yield RECORDS / f"{stack}.yaml", registrations.print_record(registrations.list_of_azure(found))
        yield TEMPLATES / f"{stack}.json", template.print_template(found)


def main(arguments: Sequence[str]) -> int:
    """Write them, and name those that changed."""
    argparse.ArgumentParser(prog="python -m tools.goldens", description=__doc__).parse_args(arguments)
    os.chdir(environments.ROOT)
    for file, text in list_goldens():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(file.relative_to(environments.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
