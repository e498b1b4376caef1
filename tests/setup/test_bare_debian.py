"""The whole set-up on a bare Debian 12, up to passing unit tests: git, make, python3 and nothing else are there.

The Pulumi toolchain and the images come from this machine's cache, since a build of them takes minutes: COLD=1 has them
made in the container too. A container stands in for the machine; Docker's engine runs in it as on any other machine.
"""

import os
import pathlib
import subprocess
import uuid
from collections.abc import Iterator

import pytest

from sandbox.images import names

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = "/root/azure-swarm"
CACHE = "/root/.cache/azure-swarm"
LABEL = "azure-swarm.setup-test"
# How this machine reaches the package registries, where it has ways of its own: proxies, mirrors and, as a file that is
# lent, the certificates that it trusts.
PROXIES = ["http_proxy", "https_proxy", "no_proxy"]
PASSED_ON = [*PROXIES, *(name.upper() for name in PROXIES), "PIP_INDEX_URL", "GOPROXY"]
TRUST = ("SSL_CERT_FILE", "PIP_CERT")
# What Docker's engine needs in a container: its own mounts, networks, devices' nodes and namespaces.
CAPABILITIES = (
    "SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_CHROOT", "SYS_PTRACE", "MKNOD", "SETFCAP", "SYS_NICE", "DAC_READ_SEARCH",
)  # fmt: skip
# Docker mounts these read-only where it grants no full privileges; "bind" changes this mount and not the hierarchy that
# all containers share. The machine ends by itself after an hour, should the test be killed.
START = """
for mount in /sys /proc/sys $(awk '$2 ~ "^/sys/fs/cgroup" { print $2 }' /proc/mounts); do
    mount -o remount,bind,rw "$mount" 2>/dev/null
done
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    # On cgroup v2 a group that holds processes hands no controllers down to those of containers.
    mkdir /sys/fs/cgroup/machine
    xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/machine/cgroup.procs 2>/dev/null
    sed 's/[^ ][^ ]*/+&/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi
exec sleep 3600
"""


def run(*command: str | pathlib.Path, check: bool = True, data: bytes | None = None) -> str:
    """Run a command and return what it printed, all of which a failure shows."""
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode()
    assert done.returncode == 0 or not check, f"{command[0]} … {command[-1]} failed with {done.returncode}:\n{text}"
    return text


def list_cached() -> Iterator[tuple[pathlib.Path, str]]:
    """List what the machine is lent from this one's cache, with its place there."""
    cache = pathlib.Path(os.environ.get("AZURE_SWARM_CACHE") or pathlib.Path.home() / ".cache/azure-swarm")
    toolchain = pathlib.Path(run(CHECKOUT / "tools/setup-toolchain", "--print").strip()).parent
    if toolchain.is_relative_to(cache) and toolchain.exists():
        yield toolchain, f"{CACHE}/toolchain/{toolchain.name}"
    for archive in sorted((cache / "images").glob("*.tar")):
        yield archive, f"{CACHE}/images/{archive.name}"


def list_arguments() -> list[str]:
    """List the arguments of `docker run` that make a container enough of a machine."""
    arguments = [f"--cap-add={name}" for name in CAPABILITIES]
    # The engine in the machine mounts, makes namespaces and writes sysctls, which the default profiles forbid.
    arguments += [f"--security-opt={name}=unconfined" for name in ("seccomp", "apparmor", "systempaths")]
    # It sees its own cgroups only; overlay file systems do not stack, so its store is a volume.
    arguments += ["--cgroupns=private", "--volume=/var/lib/docker", "--tmpfs=/run"]
    # An init that collects the processes that end, as any machine has one.
    # It is removed, with its volume, when it ends.
    arguments += ["--init", "--rm"]
    arguments += [f"--env={name}" for name in PASSED_ON if name in os.environ]
    trusted = {name: os.environ[name] for name in TRUST if name in os.environ}
    arguments += [f"--env={name}=/trust/{name}" for name in trusted]
    arguments += [f"--volume={path}:/trust/{name}:ro" for name, path in trusted.items()]
    if not os.environ.get("COLD"):
        arguments += [f"--volume={path}:{place}:ro" for path, place in list_cached()]
    return arguments


@pytest.fixture
def machine() -> Iterator[str]:
    # Images of runs that were killed; their machines have ended by themselves.
    run("docker", "image", "prune", "--all", "--force", f"--filter=label={LABEL}", "--filter=until=2h")
    name = f"azure-swarm-setup-{uuid.uuid4().hex[:8]}"
    image = f"{name}:bare"
    folder = pathlib.Path(__file__).parent
    run("env", "DOCKER_BUILDKIT=0", "docker", "build", f"--label={LABEL}", "--tag", image, folder)
    try:
        run("docker", "run", "--detach", f"--name={name}", *list_arguments(), image, "sh", "-c", START)
        yield name
    finally:
        run("docker", "rm", "--force", "--volumes", name, check=False)
        run("docker", "rmi", image, check=False)


def copy_checkout(machine: str) -> None:
    """Copy what a clone would hold, with what is not committed yet."""
    listed = run("git", "-C", CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    there = "\n".join(path for path in listed if (CHECKOUT / path).is_file())
    archive = subprocess.run(
        ["tar", "--create", f"--directory={CHECKOUT}", "--verbatim-files-from", "--files-from=-"],
        input=there.encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    run("docker", "exec", machine, "mkdir", SOURCE)
    run("docker", "exec", "--interactive", machine, "tar", "--extract", f"--directory={SOURCE}", data=archive)


def test_two_commands_lead_from_a_bare_debian_to_passing_unit_tests(machine: str) -> None:
    copy_checkout(machine)

    print(run("docker", "exec", machine, "make", "--directory", SOURCE, "setup"))
    tests = run("docker", "exec", machine, "make", "--directory", SOURCE, "unit")
    version = run("docker", "exec", machine, f"{SOURCE}/sandbox/run", "pulumi", "version")
    run("docker", "exec", machine, "docker", "run", "--rm", names.base_image(), "true")
    images = run("docker", "exec", machine, "docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
    again = run("docker", "exec", machine, "make", "--directory", SOURCE, "setup")

    assert " passed" in tests
    assert version.startswith("v3.")
    assert {names.base_image(), names.node_image(), names.services_image()} <= set(images)
    assert "..." not in again, "what is there is set up again"
