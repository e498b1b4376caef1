"""A Docker engine in a container, a swarm of one drained node: specs are stored and inspected, and no task runs.

After `activate` tasks run, of the images `box:1` and `box:2`, which have a shell.
"""

import contextlib
import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from sandbox.images import names
from tests import waiting

CLIENT = shutil.which("docker")
_IMAGE = "azure-swarm/node"
_LABEL = "azure-swarm.tests=compose"
# What dockerd needs beside its own: mounts, networks, kernel modules, devices.
_CAPABILITIES = (
    "SYS_ADMIN",
    "NET_ADMIN",
    "NET_RAW",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_CHROOT",
    "MKNOD",
    "SETFCAP",
    "SYSLOG",
)
# The kernel's trees are mounted read-only into a container that is not privileged; dockerd writes to them.
_START = """
# "bind" changes this mount alone, and not the hierarchy that all containers share.
for place in /sys $(awk '$2 ~ "^/sys/fs/cgroup" {print $2}' /proc/mounts); do
    mount -o remount,bind,rw $place || true
done
mount -o remount,rw /proc/sys || true
exec dockerd -H tcp://0.0.0.0:2375 -H unix:///var/run/docker.sock --tls=false
"""
# An image with a shell, made of what the node has: nothing is pulled.
_MAKE_IMAGE = """
root=$(mktemp -d); mkdir -p $root/bin $root/etc $root/run $root/tmp; cp /bin/busybox $root/bin/
for name in sh sleep cat echo ls nc true false httpd; do ln $root/bin/busybox $root/bin/$name; done
tar -C $root -c . | docker -H tcp://127.0.0.1:2375 import -c 'CMD ["sleep", "1000000"]' -c 'ENV PATH=/bin' - box:1
docker -H tcp://127.0.0.1:2375 tag box:1 box:2
"""
# Registries at loopback addresses need no TLS.
_START_REGISTRY = """
printf '{version: 0.1, storage: {filesystem: {rootdirectory: /tmp}}, http: {addr: "127.0.0.1:5000"}}' > /tmp/config
exec docker-registry serve /tmp/config
"""
_FILL_REGISTRY = """
export DOCKER_HOST=tcp://127.0.0.1:2375
docker tag box:1 127.0.0.1:5000/box:1
docker commit -c 'ENV VERSION=2' $(docker create box:1) 127.0.0.1:5000/box:2
for tag in 1 2; do docker push 127.0.0.1:5000/box:$tag; done
docker rm $(docker ps -aq)
docker rmi 127.0.0.1:5000/box:2
"""
# No cloud-init runs in this machine: it would be waited for.
_START_SSH = """
mkdir -p /run/sshd; rm -f /usr/bin/cloud-init
/usr/sbin/sshd -o HostKey=/run/host -o HostCertificate=/run/host-cert.pub -o AuthorizedKeysFile=/run/authorized \\
    -o PermitRootLogin=yes -o StrictModes=no -o UsePAM=no -o MaxSessions=100
"""
_STACK_LABEL = "com.docker.stack.namespace"


def find_image() -> str | None:
    """Finds the image of the sandbox's nodes, if one was built and an engine answers."""
    if CLIENT is None:
        return None
    done = subprocess.run(
        [CLIENT, "images", "--format", "{{.ID}}", _IMAGE], capture_output=True, text=True, check=False
    )
    return next(iter(done.stdout.split()), None)


class RealEngine:
    """An engine of its own; it goes with the container."""

    def __init__(self, image: str) -> None:
        self._image = image
        self._container = ""
        self._beside: list[str] = []
        self.address = ""

    def __enter__(self) -> "RealEngine":
        options = [f"--cap-add={name}" for name in _CAPABILITIES]
        options += [f"--security-opt={name}=unconfined" for name in ("seccomp", "apparmor", "systempaths")]
        options += ["--tmpfs=/run:exec", "--tmpfs=/tmp:exec", "--volume=/var/lib/docker", f"--label={_LABEL}"]
        options += ["--hostname=manager-0", "--cgroupns=private", "--publish=127.0.0.1::2375", "--entrypoint=sh"]
        self._container = _run("run", "--detach", "--rm", *options, self._image, "-ec", _START).strip()
        port = _run("port", self._container, "2375").splitlines()[0].rpartition(":")[2]
        self.address = f"tcp://127.0.0.1:{port}"
        waiting.wait_for(self._answers, 60, "the engine answers")
        self.docker("swarm", "init", "--advertise-addr", "127.0.0.1")
        self.docker("node", "update", "--availability", "drain", self.docker("node", "ls", "-q").strip())
        return self

    def __exit__(self, *_: object) -> None:
        _run("rm", "--force", "--volumes", *self._beside, self._container)

    def activate(self) -> None:
        """Lets tasks run."""
        self.execute("sh", "-ec", _MAKE_IMAGE)
        self.docker("node", "update", "--availability", "active", self.docker("node", "ls", "-q").strip())

    def serve_ssh(self, host_key: str, certificate: str, operator_key: str) -> str:
        """Lets root in over SSH with the operator's key; gives the machine's address."""
        for path, text in (
            ("/run/host", host_key),
            ("/run/host-cert.pub", certificate),
            ("/run/authorized", operator_key),
        ):
            self.execute("sh", "-ec", f"umask 077; printf '%s\\n' \"$1\" > {path}", "sh", text)
        self.execute("sh", "-ec", _START_SSH)
        return _run("inspect", "--format", "{{.NetworkSettings.IPAddress}}", self._container).strip()

    def serve_registry(self) -> None:
        """Starts a registry beside the engine, at 127.0.0.1:5000, with `box:1` and another image as `box:2`."""
        options = ["--rm", f"--label={_LABEL}", f"--network=container:{self._container}", "--entrypoint=sh"]
        self._beside.append(_run("run", "--detach", *options, names.services_image(), "-ec", _START_REGISTRY).strip())
        waiting.wait_for(self._registry_answers, 30, "the registry answers")
        self.execute("sh", "-ec", _FILL_REGISTRY)

    def _registry_answers(self) -> bool:
        try:
            self.execute("bash", "-ec", "exec 3<>/dev/tcp/127.0.0.1/5000")
        except RuntimeError:
            return False
        return True

    def execute(self, *command: str) -> str:
        """Runs a command on the machine of the engine."""
        return _run("exec", self._container, *command)

    def docker(self, *arguments: str) -> str:
        """Runs a command of the client against this engine."""
        return _run("--host", self.address, *arguments)

    def get(self, path: str) -> Any:
        """Gets a JSON value."""
        return self._call("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Posts a JSON value; raises `Refused` with the engine's words."""
        return self._call("POST", path, body)

    def remove_stack(self, stack: str) -> None:
        """Removes what has a stack's label, and waits until it is gone: a network stays while its tasks end."""

        def gone() -> bool:
            with contextlib.suppress(RuntimeError):
                self.docker("stack", "rm", stack)
            return not self._left(stack)

        waiting.wait_for(gone, 60, f"stack {stack} is gone")

    def _left(self, stack: str) -> list[Any]:
        query = urllib.parse.urlencode({"filters": json.dumps({"label": [f"{_STACK_LABEL}={stack}"]})})
        return [
            found for kind in ("services", "networks", "configs", "secrets") for found in self.get(f"/{kind}?{query}")
        ]

    def _answers(self) -> bool:
        try:
            self.get("/info")
        except OSError:
            return False
        return True

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        url = self.address.replace("tcp:", "http:") + "/v1.41" + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(json.loads(error.read())["message"]) from error


class Refused(Exception):
    """The engine refused a request."""


def _run(*arguments: str) -> str:
    done = subprocess.run([str(CLIENT), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"docker {arguments[0]} failed: {done.stderr}")
    return done.stdout
