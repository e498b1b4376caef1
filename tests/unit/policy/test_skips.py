"""Of the thirty rules that matter each id is held by a rule or by the audit, or stands in skips.yaml with a reason."""

import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from arm import resource_types
from policy import rules
from tools import audit, environments

_TABLE = pathlib.Path(__file__).with_name("thirty-rules.yaml")
_SKIPS = environments.ROOT / "policy/skips.yaml"
# As the descriptions of rules have them: CKV_AZURE_1, 149, MCSB PV-4, CIS Docker 5.3, 5.31.
_NAMED = re.compile(r"(CKV2?_AZURE_|MCSB |CIS Docker |CIS )([\w.-]+(?:, [\d.]+)*)")


def _read(file: pathlib.Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return entries


def _find_ids(text: str) -> Iterator[str]:
    for prefix, numbers in _NAMED.findall(text):
        yield from (f"{prefix}{number.strip('.')}" for number in numbers.split(", "))


def _list_held() -> set[str]:
    listed = (*rules.RULES, *rules.STACK_RULES)
    return {name for one in listed for name in _find_ids(one.description)} | {
        f"CIS Docker {check.number}" for check in audit.CHECKS
    }


def _list_skipped() -> list[str]:
    return [name for one in _read(_SKIPS) for name in one["ids"]]


def test_ids_are_read_from_the_descriptions_of_rules() -> None:
    text = "Machines encrypt (CKV_AZURE_97, 151, MCSB DP-4). Others do not (CKV2_AZURE_31); see (CIS Docker 5.3, 5.31)."

    assert list(_find_ids(text)) == [
        *("CKV_AZURE_97", "CKV_AZURE_151", "MCSB DP-4", "CKV2_AZURE_31", "CIS Docker 5.3", "CIS Docker 5.31")
    ]


def test_there_are_thirty_rules() -> None:
    assert [one["number"] for one in _read(_TABLE)] == list(range(1, 31))


@pytest.mark.parametrize("row", _read(_TABLE), ids=lambda row: str(row["number"]))
def test_every_id_is_a_rule_or_skipped_with_a_reason(row: dict[str, Any]) -> None:
    assert set(row["ids"]) - _list_held() - set(_list_skipped()) == set(), row["title"]


def test_what_is_skipped_is_held_by_no_rule_and_stands_once() -> None:
    skipped = _list_skipped()

    assert sorted(skipped) == sorted(set(skipped) - _list_held())
    assert set(skipped) - {name for row in _read(_TABLE) for name in row["ids"]} == set()


def test_every_skip_has_a_reason() -> None:
    assert [one["ids"] for one in _read(_SKIPS) if not re.fullmatch(r"[A-Z].{15,}\.", one["reason"])] == []


def test_what_is_out_of_scope_is_made_by_nobody() -> None:
    absent = tuple(kind for one in _read(_SKIPS) for kind in one.get("types", []))

    assert len(absent) > 3
    assert [token for token in resource_types.TYPES if token.startswith(absent)] == []
