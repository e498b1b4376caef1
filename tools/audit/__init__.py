"""Holds every node against docker-bench-security's rules: what `make audit` asks, judges and prints."""

from tools.audit.report import (
    CHECKS,
    Accepted,
    Row,
    collect,
    examine,
    list_findings,
    list_outdated,
    make_json,
    make_text,
    read_accepted,
)
from tools.audit.rules import Host, Verdict

__all__ = [
    "CHECKS",
    "Accepted",
    "Host",
    "Row",
    "Verdict",
    "collect",
    "examine",
    "list_findings",
    "list_outdated",
    "make_json",
    "make_text",
    "read_accepted",
]
