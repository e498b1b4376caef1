"""Machines on a subnet: what they boot, who reaches which port, and where they get out."""

import asyncio
import ipaddress
from collections.abc import Iterator

import asyncssh
import pytest

from sandbox.rules import CLIENT_ADDRESS, PROBE_ADDRESS
from tests.sandbox import docker, web
from tests.sandbox.azure import USER, Azure, Machine, Made, make_rule
from tests.waiting import wait_for

OPENED, CLOSED, PROBED = 8080, 8081, 9180
SSH_FROM_OUTSIDE = make_rule(100, "Internet", 22)
PROBES_ALONE = [make_rule(110, "AzureLoadBalancer", PROBED), make_rule(120, "*", PROBED, "Deny")]
OPEN = make_rule(130, "Internet", OPENED)
RULE_SECONDS = 5
NOTE = "known to the machine alone"


@pytest.fixture(scope="module")
def key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture(scope="module")
def group(azure: Azure) -> Made:
    azure.create_group()
    return azure.create_security_group(SSH_FROM_OUTSIDE, *PROBES_ALONE)


@pytest.fixture(scope="module")
def subnet(azure: Azure, group: Made) -> Made:
    azure.create_network()
    return azure.create_subnet()


@pytest.fixture(scope="module")
def machines(azure: Azure, subnet: Made, key: asyncssh.SSHKey) -> tuple[Machine, Machine]:
    user_data = web.make_user_data(OPENED, CLOSED, PROBED, note=NOTE)
    public_key = key.export_public_key().decode()
    front = azure.create_machine("front", user_data, public=azure.create_address("front"), key=public_key)
    back = azure.create_machine("back", user_data, key=public_key)
    return front.wait_until_booted(), back.wait_until_booted()


@pytest.fixture(scope="module")
def front(machines: tuple[Machine, Machine]) -> Machine:
    """The machine with a public address."""
    return machines[0]


@pytest.fixture(scope="module")
def back(machines: tuple[Machine, Machine]) -> Machine:
    """The machine without one."""
    return machines[1]


@pytest.fixture(scope="module")
def outside(azure: Azure) -> Iterator[str]:
    """A web server on this machine and outside the virtual network, as `ADDRESS:PORT`."""
    address = str(next(ipaddress.IPv4Network(azure.outside_prefix).hosts()))
    name = f"{azure.home.prefix}-outside"
    placed = ("--subnet", azure.outside_prefix, "--gateway", address)
    docker.ask("network", "create", "--label", azure.label, *placed, name)
    with web.serve(address) as port:
        yield f"{address}:{port}"


@pytest.fixture
def opened(azure: Azure, group: Made) -> Iterator[None]:
    """A rule that lets clients in."""
    azure.update(group, securityRules=[SSH_FROM_OUTSIDE, *PROBES_ALONE, OPEN])
    yield
    azure.update(group, securityRules=[SSH_FROM_OUTSIDE, *PROBES_ALONE])


@pytest.fixture
def way_out(azure: Azure, subnet: Made) -> Iterator[None]:
    """A NAT gateway."""
    gateway = azure.create_way_out()
    azure.update(subnet, natGateway={"id": gateway.id})
    yield
    del subnet.inputs["natGateway"]
    azure.update(subnet)
    azure.delete(gateway)


def log_in(machine: Machine, key: asyncssh.SSHKey, user: str = USER) -> str:
    """Logs in through the public address and tells who one is there."""

    async def ask() -> str:
        async with asyncssh.connect(machine.public, username=user, client_keys=[key], known_hosts=None) as connection:
            return str((await connection.run("hostname; id -un; sudo -n id -un", check=True)).stdout)

    return asyncio.run(ask())


def reaches(machine: Machine, place: str) -> bool:
    """Tells whether a machine gets an answer from a web server."""
    return machine.succeeds(f"curl -fsS -m 2 http://{place}/")


def test_the_user_data_is_run_as_it_was_given(front: Machine, back: Machine) -> None:
    assert [machine.run("cat /etc/note") for machine in (front, back)] == [NOTE, NOTE]


def test_cloud_init_has_nothing_to_complain_about(front: Machine) -> None:
    assert front.run("cloud-init status") == "status: done"
    assert '"errors": []' in front.run("cat /run/cloud-init/result.json")


def test_the_engine_in_a_machine_answers(front: Machine) -> None:
    wait_for(lambda: front.succeeds("docker info"), 30, "the engine in the machine answers")

    assert front.run("docker info --format '{{.Driver}}'") == "overlay2"


def test_the_admin_user_logs_in_with_the_key_and_may_do_everything(front: Machine, key: asyncssh.SSHKey) -> None:
    assert log_in(front, key).split() == ["front", USER, "root"]


@pytest.mark.parametrize("user", [USER, "root"])
def test_nobody_logs_in_with_another_key(front: Machine, user: str) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        log_in(front, asyncssh.generate_private_key("ssh-ed25519"), user)


def test_a_machine_is_found_by_its_name_from_another_one(front: Machine, back: Machine) -> None:
    assert front.run("getent hosts back").split() == [back.address, "back"]
    assert back.run("hostname") == "back"


def test_machines_of_one_network_reach_each_other(front: Machine, back: Machine) -> None:
    assert reaches(front, f"back:{CLOSED}")


@pytest.mark.parametrize("port", [OPENED, CLOSED])
def test_a_port_that_no_rule_opens_does_not_answer_from_outside(
    azure: Azure, front: Machine, back: Machine, port: int
) -> None:
    assert web.ask(front.public, port) == {}
    assert web.ask(front.address, port) == {}
    assert web.ask(back.address, port, source=CLIENT_ADDRESS) == {}
    assert web.ask(back.address, port, source=azure.gateway) == {}


@pytest.mark.usefixtures("opened")
def test_a_port_that_a_rule_opens_answers_from_outside_and_no_other(front: Machine) -> None:
    wait_for(lambda: web.ask(front.public, OPENED), RULE_SECONDS, "the port answers")

    assert web.ask(front.public, OPENED) == {"host": "front", "client": CLIENT_ADDRESS}
    assert web.ask(front.public, CLOSED) == {}


def test_a_rule_that_is_taken_away_closes_the_port_again(azure: Azure, group: Made, front: Machine) -> None:
    azure.update(group, securityRules=[SSH_FROM_OUTSIDE, *PROBES_ALONE, OPEN])
    wait_for(lambda: web.ask(front.public, OPENED), RULE_SECONDS, "the port answers")

    azure.update(group, securityRules=[SSH_FROM_OUTSIDE, *PROBES_ALONE])

    assert web.ask(front.public, OPENED) == {}
    assert web.ask(front.address, OPENED, source=CLIENT_ADDRESS) == {}


@pytest.mark.usefixtures("opened")
def test_a_machine_without_a_public_address_is_reached_from_its_network_alone(
    azure: Azure, front: Machine, back: Machine
) -> None:
    assert web.ask(back.address, OPENED, source=azure.gateway) == {}
    assert reaches(front, f"back:{OPENED}")


def test_a_port_for_the_load_balancer_answers_probes_and_no_client(front: Machine, back: Machine) -> None:
    assert web.ask(back.address, PROBED, source=PROBE_ADDRESS) == {"host": "back", "client": PROBE_ADDRESS}
    assert web.ask(back.address, PROBED, source=CLIENT_ADDRESS) == {}
    assert web.ask(front.public, PROBED) == {}
    assert not reaches(front, f"back:{PROBED}")


def test_a_machine_that_nobody_looks_after_boots_with_its_latest_filter(
    azure: Azure, group: Made, back: Machine
) -> None:
    azure.update(group, securityRules=[SSH_FROM_OUTSIDE, *PROBES_ALONE, OPEN])
    docker.ask("restart", back.container)
    serve(back, OPENED)
    serve(back, CLOSED)

    answers = [web.ask(back.address, port, source=CLIENT_ADDRESS) for port in (OPENED, CLOSED)]
    azure.update(group, securityRules=[SSH_FROM_OUTSIDE, *PROBES_ALONE])

    assert answers == [{"host": "back", "client": CLIENT_ADDRESS}, {}]
    assert web.ask(back.address, OPENED, source=CLIENT_ADDRESS) == {}


def serve(machine: Machine, port: int) -> None:
    """Starts a web server again: what ran was lost with a restart."""
    machine.run(f"python3 /opt/serve.py {port} >/dev/null 2>&1 &")
    wait_for(lambda: machine.succeeds(f"curl -fsS http://127.0.0.1:{port}/"), 10, "the server is up again")


@pytest.mark.usefixtures("subnet")
def test_a_machine_without_a_filter_never_boots(azure: Azure) -> None:
    machine = azure.create_machine("unfiltered", web.make_user_data())
    machine.run("rm /var/lib/sandbox/filter")

    docker.ask("restart", machine.container)

    # Docker starts it again and again, as it does a machine that restarts itself: each start ends before the boot.
    wait_for(lambda: docker.inspect(machine.container)[0]["RestartCount"] > 1, 10, "the machine ended and ended again")
    assert "/var/lib/sandbox/filter" in docker.run("logs", machine.container).stderr
    azure.delete(machine.resource)
    azure.delete(machine.interface)


def test_without_a_nat_gateway_there_is_no_way_out(back: Machine, outside: str) -> None:
    assert not reaches(back, outside)


@pytest.mark.usefixtures("way_out")
def test_with_a_nat_gateway_there_is_a_way_out(back: Machine, outside: str) -> None:
    assert reaches(back, outside)


def test_the_user_data_is_in_no_file_that_others_read_and_not_in_what_docker_tells(
    azure: Azure, front: Machine, back: Machine
) -> None:
    told = str(docker.inspect(front.container, back.container))
    encoded = front.resource.inputs["osProfile"]["customData"]
    files = [path for path in azure.home.folder.rglob("*") if path.is_file()]

    assert NOTE not in told
    assert encoded not in told
    assert [path for path in files if NOTE.encode() in path.read_bytes() or encoded.encode() in path.read_bytes()] == []
    assert front.run(f"grep -rl '{NOTE}' /etc /var/lib/cloud /var/log | xargs -I{{}} find {{}} -perm /077") == ""


def test_what_the_sandbox_keeps_is_for_its_owner_alone(azure: Azure, front: Machine) -> None:
    kept = [path for path in azure.home.folder.rglob("*") if path.is_file() and path.suffix != ".lock"]

    assert {oct(path.stat().st_mode & 0o777) for path in kept} == {"0o600"}
