"""What the documents say of the project, as far as a machine can tell."""

import pathlib
import re
from typing import Any

import pytest
import yaml

from tests.unit import source_files

ROOT = source_files.ROOT
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
STACKS = ["dev", "test", "prod"]


def list_broken_links(document: str) -> list[str]:
    """Lists the links to files of the project that are not there."""
    path = ROOT / document
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text())
    return [link for link in links if "://" not in link and not (path.parent / link).exists()]


def list_missing_records() -> list[str]:
    """Lists the decision records that code refers to and that are not there."""
    texts = [(ROOT / file).read_text() for file in source_files.list_files()]
    named = {name for text in texts for name in re.findall(r"docs/adr/[\w-]+\.md", text)}
    return sorted(name for name in named if not (ROOT / name).exists())


def read_row(stack: str) -> list[str]:
    """Gives the cells of a stack in the README's table of environments."""
    row = re.findall(rf"^\| `{stack}` \|(.*)\|$", (ROOT / "README.md").read_text(), re.MULTILINE)[0]
    return [cell.strip() for cell in row.split("|")]


def make_row(stack: str) -> list[str]:
    """Gives the cells that the settings of a stack come to."""
    own = {key.partition(":")[2]: value for key, value in _read_config(f"Pulumi.{stack}.yaml").items()}
    chosen = {**{key: entry["default"] for key, entry in _read_config("Pulumi.yaml").items()}, **own}
    return [
        str(chosen["managers"]),
        str(chosen["workers"]),
        ", ".join(chosen["zones"]) or "none",
        f"{chosen['managerSize']}, {chosen['workerSize']}",
        chosen["registrySku"],
        "yes" if str(chosen["protect"]).lower() == "true" else "no",
    ]


def _read_config(file: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(pathlib.Path(ROOT / file).read_text())["config"]
    return config


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    assert list_broken_links(document) == []


def test_decision_records_that_code_names_exist() -> None:
    assert list_missing_records() == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_table_of_environments_is_what_the_settings_say(stack: str) -> None:
    assert read_row(stack) == make_row(stack)
