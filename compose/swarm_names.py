"""The names that a swarm takes. Its managers refuse any other when it is sent to them, without file and key.

The rule is swarmkit's (manager/controlapi/common.go, `validateAnnotations`). The provider has the same one
(`providers/swarm/objects.py`); it does not know files, and this package does not know it.
"""

import re

from compose import errors, model, objects

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")
# Of a network's 63 characters the provider needs 11 for the name of its successor, which is made beside it.
_LONGEST = {"services": 63, "networks": 63 - 11}


def list_unfit(project: model.Project) -> list[errors.KeyRefused]:
    """Lists the refusals of names of services and networks that no swarm takes; one host takes them."""
    named: list[tuple[tuple[str, ...], str]] = [
        (("services", name), f"{project.stack}_{name}") for name in sorted(project.services)
    ]
    named += [(_find_key(project, key), objects.object_name(project, "networks", key)) for key in _list_made(project)]
    return [project.refuse(path, _say(path[0], name)) for path, name in named if not fits(path[0], name)]


def fits(section: str, name: str) -> bool:
    """Tells whether a swarm takes the name for an object of a section."""
    return len(name) <= _LONGEST[section] and _NAME.fullmatch(name) is not None


def _list_made(project: model.Project) -> list[str]:
    used = objects.used_networks(project)
    return [key for key in used if not project.networks.get(key, {}).get("external")]


def _find_key(project: model.Project, key: str) -> tuple[str, ...]:
    named = "name" in project.networks.get(key, {})
    return ("networks", key, "name") if named else ("networks", key)


def _say(section: str, name: str) -> str:
    return (
        f"must have a name on the swarm of at most {_LONGEST[section]} characters (letters, digits, '-' and '_', a "
        f"letter or digit first and last); got {errors.show(name)}."
    )
