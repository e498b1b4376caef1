"""The registry: accounts, TLS, and one reference that is good for the operator and for machines."""

import io
import json
import pathlib
import socket
import ssl
import subprocess
import tarfile
from collections.abc import Iterator

import grpc
import pytest

from sandbox import certificates
from tests.sandbox import docker, web
from tests.sandbox.azure import Azure, Machine, Made, code_of
from tests.waiting import wait_for

NAME = "images"
CONTENT = "an image of ours"


@pytest.fixture(scope="module")
def machine(azure: Azure) -> Machine:
    """A machine with a way out; it boots while the tests before it run."""
    azure.create_group()
    azure.create_network()
    azure.create_security_group()
    azure.create_subnet(natGateway={"id": azure.create_way_out().id})
    return azure.create_machine("host", web.make_user_data())


@pytest.fixture(scope="module")
def registry(azure: Azure, machine: Machine) -> Made:
    made = azure.create("Registry", azure.registry_inputs(NAME))
    address = str(made.state["loginServer"])
    wait_for(lambda: web.takes_connections(address, 443), 15, "the registry answers")
    return made


@pytest.fixture(scope="module")
def server(registry: Made) -> str:
    return str(registry.state["loginServer"])


@pytest.fixture(scope="module")
def password(azure: Azure, registry: Made) -> str:
    return azure.password_of(registry)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory, server: str, password: str) -> pathlib.Path:
    """The folder of an operator's accounts, who is logged in."""
    config = tmp_path_factory.mktemp("operator")
    docker.ask("login", "--username", NAME, "--password-stdin", server, data=password, config=config)
    return config


@pytest.fixture(scope="module")
def reference(server: str) -> Iterator[str]:
    """A tiny image of ours on this machine."""
    name = f"{server}/tests/tiny:1"
    subprocess.run(["docker", "import", "-", name], input=make_layer(), stdout=subprocess.DEVNULL, check=True)
    yield name
    docker.ask("rmi", "-f", name)


def make_layer() -> bytes:
    """Makes the files of an image: one, with a text."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("content")
        entry.size = len(CONTENT)
        archive.addfile(entry, io.BytesIO(CONTENT.encode()))
    return packed.getvalue()


def digest_of(told: str) -> str:
    """Finds an image's digest in what an engine tells of it."""
    return str(json.loads(told)[0]["RepoDigests"][0]).partition("@")[2]


def log_in_on(machine: Machine, server: str, password: str) -> bool:
    """Logs the engine of a machine in; the password goes by standard input."""
    command = ("exec", "-i", machine.container, "docker", "login", "--username", NAME, "--password-stdin", server)
    return docker.run(*command, data=password).returncode == 0


def test_a_wrong_password_is_refused(server: str, tmp_path: pathlib.Path) -> None:
    login = ("login", "--username", NAME, "--password-stdin", server)

    assert "401 Unauthorized" in docker.run(*login, data="guessed", config=tmp_path).stderr


def test_nothing_is_pushed_without_an_account(reference: str, tmp_path: pathlib.Path) -> None:
    assert "no basic auth credentials" in docker.run("push", reference, config=tmp_path).stderr


def test_tls_verifies_against_the_bundle_and_nothing_else(azure: Azure, server: str) -> None:
    bundle = certificates.ensure_bundle(azure.home.folder / "ca")

    with socket.create_connection((server, 443), timeout=5) as connection:
        trusting = ssl.create_default_context(cafile=str(bundle))
        with trusting.wrap_socket(connection, server_hostname=server) as secured:
            assert secured.version() == "TLSv1.3"
    with socket.create_connection((server, 443), timeout=5) as connection:
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(connection, server_hostname=server)


def test_a_machine_pulls_by_the_reference_by_which_the_operator_pushed(
    server: str, reference: str, password: str, operator: pathlib.Path, machine: Machine
) -> None:
    docker.ask("push", reference, config=operator)
    machine.wait_until_booted()
    wait_for(lambda: machine.succeeds("docker info"), 30, "the engine in the machine answers")

    assert not machine.succeeds(f"docker pull {reference}")
    assert not log_in_on(machine, server, "guessed")
    assert log_in_on(machine, server, password)
    machine.run(f"docker pull {reference}")

    assert digest_of(machine.run(f"docker inspect {reference}")) == digest_of(docker.ask("inspect", reference))
    assert machine.run(f"id=$(docker create {reference} x); docker cp $id:/content - | tar -xO") == CONTENT


def test_what_was_pushed_outlives_a_change_of_the_registry(
    azure: Azure, registry: Made, reference: str, operator: pathlib.Path
) -> None:
    docker.ask("push", reference, config=operator)

    azure.update(registry, sku={"name": "Premium"})

    docker.ask("pull", reference, config=operator)


def test_without_an_admin_user_there_are_no_credentials(azure: Azure, registry: Made) -> None:
    azure.update(registry, adminUserEnabled=False)

    with pytest.raises(grpc.RpcError) as caught:
        azure.password_of(registry)

    assert code_of(caught) == "UnAuthorizedForCredentialOperations"


def test_the_password_is_in_no_file_that_others_read_and_not_in_what_docker_tells(azure: Azure, password: str) -> None:
    container = f"{azure.home.prefix}-{NAME}"
    containers = docker.ask("ps", "-aq", "--filter", f"label={azure.label}").split()
    files = [path for path in azure.home.folder.rglob("*") if path.is_file()]
    with_password = [path for path in files if password.encode() in path.read_bytes()]

    assert [path.stat().st_mode & 0o077 for path in with_password] == [0]
    assert docker.ask("exec", container, "find", "/run/sandbox", "-type", "f", "-perm", "/077") == ""
    assert password not in str(docker.inspect(*containers))
    assert password not in docker.ask("top", container, "-eo", "pid,args")
