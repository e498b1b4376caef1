"""Image references: what Docker accepts, and the short form with a tag in which the client sends them."""

import re

from compose import errors

_NAME_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REFERENCE = re.compile(
    rf"((?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?)/({_NAME_PART}(?:/{_NAME_PART})*)"
    r"(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$"
)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}$")
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HUB = "docker.io"
_OFFICIAL = "library/"
_LONGEST_NAME = 255
_LONGEST_REFERENCE = 1000


def check(image: str) -> None:
    """Refuses what is no image reference; the bare id of an image is one."""
    if not _IDENTIFIER.match(image):
        _parse(image)


def familiar(image: str) -> str:
    """Shortens a reference and gives it the tag that it lacks: `docker.io/library/nginx` is `nginx:latest`."""
    if _IDENTIFIER.match(image):
        return image
    domain, name, tag, digest = _parse(image)
    short = name.removeprefix(_OFFICIAL) if domain == _HUB and name.count("/") == 1 else name
    place = short if domain == _HUB else f"{domain}/{name}"
    suffix = f":{tag}" if tag else "" if digest else ":latest"
    return place + suffix + (f"@{digest}" if digest else "")


def _parse(image: str) -> tuple[str, str, str | None, str | None]:
    if len(image) > _LONGEST_REFERENCE:
        raise errors.expected(f"an image reference of at most {_LONGEST_REFERENCE} characters", image)
    domain, rest = _split_domain(image)
    match = _REFERENCE.match(f"{domain}/{rest}")
    if match is None or len(match[2]) > _LONGEST_NAME or not _digest_fits(match[4]):
        raise errors.expected("an image reference such as nginx:1.27", image)
    return match[1], match[2], match[3], match[4]


def _split_domain(image: str) -> tuple[str, str]:
    first, slash, rest = image.partition("/")
    if not slash:
        return _HUB, _OFFICIAL + image
    if first == "index.docker.io":
        first = _HUB
    elif first != "localhost" and not re.search("[.:]", first) and first == first.lower():
        return _HUB, image
    return first, _OFFICIAL + rest if first == _HUB and "/" not in rest else rest


def _digest_fits(digest: str | None) -> bool:
    if digest is None:
        return True
    algorithm, _, value = digest.partition(":")
    return len(value) == _DIGEST_LENGTHS.get(algorithm) and value == value.lower()
