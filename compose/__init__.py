"""Compose files turned into the Engine API specs that `docker stack deploy` makes. Pure: no Docker, no Pulumi."""

from compose.converting import Build, Converted, Published, convert
from compose.errors import ComposeError, FileError, KeyRefused, StrictError
from compose.go_units import print_duration
from compose.loading import load
from compose.model import STACK_NAME, Dialect, Notice, Project

__all__ = [
    "STACK_NAME",
    "Build",
    "ComposeError",
    "Converted",
    "Dialect",
    "FileError",
    "KeyRefused",
    "Notice",
    "Project",
    "Published",
    "StrictError",
    "convert",
    "load",
    "print_duration",
]
