"""Tells as JSON what a host knows of itself: clock, disks, certificates, readiness. Runs there, by its own python3.

    python3 on_host.py ADDRESS PORT...

It needs nothing of the project: its text is sent over SSH.
"""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

LEAVING = "/run/azure-swarm/leaving"
WANTS_RESTART = "/var/run/reboot-required"
# `make reboot` leaves it on a host that it has not brought back yet (tools/restarts.py).
RESTARTING = "/var/lib/azure-swarm/restarting"
READINESS = "http://{address}:9180/ready/{port}"
ASK_SECONDS = 3.0
DISKS = ("/", "/var/lib/docker")
CERTIFICATES = {
    "swarm node": "/var/lib/docker/swarm/certificates/swarm-node.crt",
    "swarm root": "/var/lib/docker/swarm/certificates/swarm-root-ca.crt",
    "SSH host": "/etc/ssh/ssh_host_ed25519_key-cert.pub",
}


def read_text(path: str) -> str:
    """Gives the text of a file; nothing where there is none."""
    try:
        return pathlib.Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def find_leaving_since() -> float:
    """Gives when the host was told to leave; 0 when it was not."""
    try:
        return os.stat(LEAVING).st_mtime
    except OSError:
        return 0


def find_restart() -> str:
    """Gives whether a restart is wanted or was cut off; nothing where neither is."""
    if os.path.exists(RESTARTING):
        return "cut off"
    return "wanted" if os.path.exists(WANTS_RESTART) else ""


def list_disks() -> "dict[str, float]":
    """Gives the used share of every file system that matters, each once."""
    found: dict[int, tuple[str, float]] = {}
    for path in DISKS:
        if os.path.isdir(path):
            disk = os.statvfs(path)
            usable = disk.f_blocks - disk.f_bfree + disk.f_bavail
            found.setdefault(os.stat(path).st_dev, (path, 1 - disk.f_bavail / usable if usable else 0))
    return dict(found.values())


def ask_ready(address: str, port: str) -> str:
    """Asks the readiness responder, at the address at which the load balancer does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(READINESS.format(address=address, port=port), timeout=ASK_SECONDS) as answer:
            return str(answer.read().decode().strip())
    except urllib.error.HTTPError as error:
        return error.read().decode().strip()
    except OSError as error:
        return f"no answer: {error}"


def make_report(address: str, ports: "list[str]") -> "dict[str, object]":
    """Collects everything; the clock last, so that the answer is on its way at once."""
    return {
        "leaving_since": find_leaving_since(),
        "restart": find_restart(),
        "disks": list_disks(),
        "certificates": {name: read_text(path) for name, path in CERTIFICATES.items()},
        "ports": {port: ask_ready(address, port) for port in ports},
        "time": time.time(),
    }


if __name__ == "__main__":
    print(json.dumps(make_report(sys.argv[1], sys.argv[2:])))
