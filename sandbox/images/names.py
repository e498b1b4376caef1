"""The names of the sandbox's images; a tag is the hash of what the image is made from.

Run as a script it prints them, one `key=name` a line. It uses the standard library alone: the set-up calls it before
there is a virtual environment.
"""

import hashlib
import pathlib

__all__ = ["base_image", "node_image", "services_image"]

_FOLDER = pathlib.Path(__file__).resolve().parent


def base_image() -> str:
    """Return the image that the others, and the example applications, are built on."""
    return "debian:bookworm-slim"


def node_image() -> str:
    """Return the image of a host: systemd, cloud-init, OpenSSH and Docker's engine."""
    return f"azure-swarm/node:{_make_tag('node')}"


def services_image() -> str:
    """Return the image that stands in for Azure's load balancer and container registry."""
    return f"azure-swarm/services:{_make_tag('services')}"


def _make_tag(name: str) -> str:
    digest = hashlib.sha256()
    for path in sorted((_FOLDER / name).iterdir()):
        digest.update(f"{path.name}\0{path.stat().st_mode & 0o111:o}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    print(f"base={base_image()}")
    print(f"node={node_image()}")
    print(f"services={services_image()}")
