"""The short syntax of volumes: `source:target:options`, with Windows drives and without a look at this machine."""

from typing import Any

from compose import errors

_PROPAGATIONS = frozenset(("rprivate", "private", "rshared", "shared", "rslave", "slave"))


def read_short(text: str) -> dict[str, Any]:
    """Gives the long form of a short volume; options that Docker ignores are listed under `ignored`."""
    if not text:
        raise errors.expected("a volume such as data:/data", text)
    if len(text.encode()) <= 2:
        return {"type": "volume", "target": text}
    source, target, options = _sections(text)
    mount: dict[str, Any] = {"type": "bind" if _is_path(source) else "volume", "source": source, "target": target}
    if not source:
        del mount["source"]
    return mount | _read_options(options)


def _sections(text: str) -> tuple[str, str, str]:
    sections = _split(text)
    if "" in sections:
        raise errors.expected("a volume with no empty part between colons", text)
    if len(sections) > 3:
        raise errors.expected("a volume with at most three parts", text)
    if len(sections) == 1:
        return "", sections[0], ""
    return sections[0], sections[1], sections[2] if len(sections) == 3 else ""


def _split(text: str) -> list[str]:
    """Splits at colons, but not after a single letter, which is a Windows drive."""
    sections = [""]
    for character in text:
        if character == ":" and not _is_letter(sections[-1]):
            sections.append("")
        else:
            sections[-1] += character
    return sections


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isalpha()


def _is_path(source: str) -> bool:
    if source[:1] in (".", "/", "~"):
        return True
    return source.startswith("\\\\") or (len(source) > 1 and source[1] == ":" and source[0].isalpha())


def _read_options(options: str) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for option in options.split(",") if options else []:
        if option in ("ro", "rw"):
            read["read_only"] = option == "ro"
        elif option == "nocopy":
            read["volume"] = {"nocopy": True}
        elif option in _PROPAGATIONS:
            read["bind"] = {"propagation": option}
        else:
            read.setdefault("ignored", []).append(option)
    return read
