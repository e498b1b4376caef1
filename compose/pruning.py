"""A document from which refused keys are left out, one after the other, and the way back to what the file has."""

import dataclasses
from typing import Any

from compose import go_yaml, model

# What stands for a refused entry, so that what refers to it is not refused as well.
_STAND_INS: dict[str, dict[str, Any]] = {
    "services": {"image": "refused"},
    "networks": {},
    "volumes": {},
    "configs": {"external": True},
    "secrets": {"external": True},
}
_SOURCES_OF_IMAGES = ("image", "build", "extends")


class Pruned:
    """A document with less in it; `document` keeps the lines of the whole one."""

    def __init__(self, document: go_yaml.Document) -> None:
        self.document = dataclasses.replace(document, value=_copy(document.value))
        self._left_out: set[model.Path] = set()
        # Per list from which something was left out, the numbers that its entries have in the file.
        self._numbers: dict[model.Path, list[int]] = {}

    def find_original(self, path: model.Path) -> model.Path:
        """Gives the path in the file of what lies at a path of the pruned document."""
        original: model.Path = ()
        for key in path:
            numbers = self._numbers.get(original, [])
            known = isinstance(key, int) and key < len(numbers)
            original = (*original, numbers[int(key)] if known else key)
        return original

    def is_consequence(self, path: model.Path) -> bool:
        """Tells whether something was left out at a path or below it: then a refusal there may come of that."""
        original = self.find_original(path)
        return any(known[: len(original)] == original for known in self._left_out)

    def leave_out(self, path: model.Path) -> bool:
        """Leaves out what lies at a path, or nearest above it; gives whether anything was there."""
        kept = path
        while kept and not self.document.holds(kept):
            kept = kept[:-1]
        if not kept:
            return False
        again = self.find_original(kept) in self._left_out
        self._left_out |= {self.find_original(path), self.find_original(kept)}
        self._remove(kept, again)
        return True

    def _remove(self, path: model.Path, again: bool) -> None:
        container: Any = self.document.value
        for key in path[:-1]:
            container = container[key]
        if isinstance(container, list):
            original = self.find_original(path[:-1])
            self._numbers.setdefault(original, list(range(len(container)))).pop(int(path[-1]))
        del container[path[-1]]
        if len(path) == 2 and path[0] in _STAND_INS and not again:
            container[path[1]] = dict(_STAND_INS[str(path[0])])
        if len(path) == 3 and path[0] == "services" and path[2] in _SOURCES_OF_IMAGES:
            container.setdefault("image", _STAND_INS["services"]["image"])


def until_list(path: model.Path) -> model.Path:
    """Shortens a path into a list to that of the list."""
    numbers = [place for place, key in enumerate(path) if isinstance(key, int)]
    return path[: numbers[0]] if numbers else path


def _copy(value: Any) -> Any:
    """Copies a value so that what an alias shares is no longer shared."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
