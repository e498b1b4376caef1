"""How the tools look at hosts and swarm, on machines in memory."""

import datetime
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import asyncssh
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import tools
from providers.swarm.hosts import EngineError, HostUnreachable
from tests.doubles import memory_swarm, virtual_time, world
from tests.unit.tools import observed
from tests.unit.tools.test_recorded import ACCESS
from tools import facts, looking, observing, pulumi_cli, stack

COMMANDS = facts.Commands("dev", "sandbox")
LOGIN = {"username": "u", "password": "p", "serveraddress": "registry"}
REPORT = {"leaving_since": 0, "disks": {"/": 0.5}, "certificates": {}, "ports": {"80": "ready"}}


class FakePulumi:
    """A state with two managers, a worker and a service, or with what is given."""

    stack = "dev"

    def __init__(self, outputs: dict[str, Any] | None = None, resources: list[dict[str, Any]] | None = None) -> None:
        self._given = resources
        self._outputs = {"access": ACCESS, "operatorKey": "key"} if outputs is None else outputs

    def run(self, *_arguments: str) -> int:
        return 0

    def run_watched(self, *_arguments: str) -> tuple[int, list[pulumi_cli.Error]]:
        return 0, []

    def read(self, *arguments: str) -> Any:
        return self._outputs if arguments[1] == "output" else {"deployment": {"resources": self._resources()}}

    def write(self, data: Any, *arguments: str) -> None:
        raise AssertionError("nothing is written")

    def _resources(self) -> list[dict[str, Any]]:
        if self._given is not None:
            return self._given
        roles = {"manager-0": "manager", "manager-1": "manager", "worker-0": "worker"}
        nodes = [{"type": "swarm:index:SwarmNode", "inputs": {"host": host, "role": roles[host]}} for host in roles]
        ports = {"EndpointSpec": {"Ports": [{"PublishedPort": 80}, {"PublishedPort": 53, "Protocol": "udp"}]}}
        service = {"name": "shop_web", "spec": {**observed.make_spec(), **ports}, "registryAuth": LOGIN}
        return [*nodes, {"type": "swarm:index:Service", "inputs": service}]


class _Machines(memory_swarm.Machines):
    """Answers what the tools run, and lets a registry refuse."""

    commands: list[str]
    refusal = ""

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        self._reach(host)
        self.commands.append(f"{host}: {command}")
        if command.startswith("date"):
            return "1764000000.5\n"
        if "service logs" in command:
            return "one\n\ntwo\n"
        return json.dumps(REPORT) if "python3" in command else f"ran {command}\n"

    async def engine(self, host: str) -> Any:
        return _Engine(self, self._reach(host))


class _Engine(memory_swarm.Engine):
    async def request(self, method: str, path: str, **rest: Any) -> Any:
        machines = self._machines
        if path == "/auth" and isinstance(machines, _Machines):
            machines.commands.append(f"auth {rest['body']['serveraddress']}")
            if machines.refusal:
                raise EngineError(500, machines.refusal)
            return None
        info = await super().request(method, path, **rest)
        if path == "/info":
            info["Swarm"]["ControlAvailable"] = "Cluster" in info["Swarm"]
        return info


@pytest.fixture
def machines() -> _Machines:
    """Gives a swarm of two managers and a worker."""
    here = world.World("manager-0", "manager-1", "worker-0")
    here.join_all()
    answering = _Machines()
    vars(answering).update({**vars(here.machines), "commands": []})
    for swarm in answering.swarms:
        swarm.machines = answering
    return answering


def _connect(machines: _Machines) -> looking.Connect:
    return lambda _way, look: virtual_time.run(look(machines))


def _look(machines: _Machines) -> facts.Facts:
    return looking.look_closely(FakePulumi(), COMMANDS, _connect(machines))


def test_a_manager_tells_of_the_swarm(machines: _Machines) -> None:
    recorded, swarm, trouble = looking.look_at_swarm(FakePulumi(), _connect(machines))

    assert swarm is not None
    assert [swarm.name_node(node["ID"]) for node in swarm.nodes] == ["manager-0", "manager-1", "worker-0"]
    assert (list(recorded.services), trouble) == (["shop_web"], "")


def test_without_a_quorum_what_each_manager_said_is_told(machines: _Machines) -> None:
    machines.kill("manager-0")

    _, swarm, trouble = looking.look_at_swarm(FakePulumi(), _connect(machines))

    assert swarm is None
    assert trouble == (
        "manager-1: The swarm does not have a leader; Host 'manager-0' cannot be reached over SSH: no answer"
    )


def test_a_stack_of_an_earlier_version_is_shown_without_its_swarm(machines: _Machines) -> None:
    _, swarm, trouble = looking.look_at_swarm(FakePulumi({"nodes": []}), _connect(machines))

    assert (swarm, trouble.partition(";")[0]) == (None, "The stack does not say how its hosts are reached")


def test_every_host_reports(machines: _Machines) -> None:
    seen = _look(machines)

    assert [(host.name, host.report and host.report.ports) for host in seen.hosts] == [
        (name, {"80": "ready"}) for name in ("manager-0", "manager-1", "worker-0")
    ]
    assert any(command.endswith('"$3" 80') for command in machines.commands)


def test_a_host_that_is_gone_is_told_and_the_others_report(machines: _Machines) -> None:
    machines.kill("worker-0")

    seen = _look(machines)

    assert [host.trouble for host in seen.hosts if host.trouble] == [
        "Host 'worker-0' cannot be reached over SSH: no answer."
    ]
    assert seen.swarm is not None


def test_the_logins_of_services_are_tried(machines: _Machines) -> None:
    machines.refusal = "unauthorized."

    seen = _look(machines)

    assert seen.refused_logins == {"registry": "unauthorized"}
    assert machines.commands.count("auth registry") == 1


def test_only_the_logs_of_loops_are_read(machines: _Machines) -> None:
    swarm = machines.swarm.objects
    swarm.stored["services"]["id-shop_web"] = observed.make_service(observed.make_spec(0))
    swarm.tasks = {str(number): observed.make_task("failed", number) for number in range(4)}

    seen = _look(machines)

    assert seen.logs == {"task-3": ["one", "two"], "task-2": ["one", "two"]}


def test_without_outputs_what_is_there_is_told(machines: _Machines) -> None:
    with pytest.raises(tools.ToolError) as caught:
        looking.look_closely(FakePulumi({}), COMMANDS, _connect(machines))

    assert str(caught.value) == (
        "An up of stack dev was not finished: 4 resources are there; 'make up' with the same STACK and CLOUD goes on, "
        "'make down' removes what is there."
    )


def test_a_command_runs_on_the_host_that_is_named(machines: _Machines, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.run_on_host(FakePulumi(), "worker-0", "uptime", _connect(machines)) == 0

    assert machines.commands == ["worker-0: uptime"]
    assert capsys.readouterr().out == "ran uptime\n"


@pytest.mark.parametrize(
    ("host", "command", "refusal"),
    [
        ("w", "uptime", "HOST must be one of manager-0, manager-1, worker-0; got 'w'."),
        ("worker-0", " ", "RUN must be a command, such as RUN='docker node ls'; got nothing."),
    ],
)
def test_a_command_needs_a_host_and_words(machines: _Machines, host: str, command: str, refusal: str) -> None:
    with pytest.raises(tools.ToolError) as caught:
        looking.run_on(FakePulumi(), host, command, _connect(machines))

    assert str(caught.value) == refusal


def test_the_doctor_fails_when_something_is_wrong(machines: _Machines, capsys: pytest.CaptureFixture[str]) -> None:
    code = stack.print_findings(FakePulumi(), stack.Cloud.SANDBOX, True, _connect(machines))

    assert code == 1
    assert "service shop_web" in json.loads(capsys.readouterr().out)["findings"][0]["what"]


def test_the_status_fails_without_a_manager(machines: _Machines, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.print_status(FakePulumi(), False, _connect(machines)) == 0
    machines.kill("manager-0")

    assert stack.print_status(FakePulumi(), False, _connect(machines)) == 1
    assert "No manager answers" in capsys.readouterr().out


class _Broken(memory_swarm.Machines):
    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__("manager-0")
        self._answers = answers

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        answer = self._answers["date" if command.startswith("date") else "rest"]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


def test_one_host_without_a_swarm_is_shown_and_is_no_failure(
    machines: _Machines, capsys: pytest.CaptureFixture[str]
) -> None:
    node = {"name": "manager-0", "role": "host", "privateIp": "10.80.1.4", "zone": ""}

    assert stack.print_status(FakePulumi({"nodes": [node]}), False, _connect(machines)) == 0
    assert capsys.readouterr().out.startswith("NODE       ROLE  ADDRESS    ZONE\nmanager-0  host  10.80.1.4  -")


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ({"date": "x"}, "Host 'manager-0' gives no report: could not convert string to float: 'x'"),
        ({"date": "1.0", "rest": HostUnreachable("Gone.")}, "Host 'manager-0' gives no report: Gone."),
    ],
)
def test_a_host_without_a_report_says_why(answers: dict[str, Any], trouble: str) -> None:
    hosts = virtual_time.run(observing.report_hosts(_Broken(answers), [facts.Host("manager-0")], []))

    assert hosts == [facts.Host("manager-0", trouble=trouble)]


def test_a_host_without_python_has_a_clock_and_no_trouble() -> None:
    answers = {"date": str(time.time()), "rest": "{}"}
    (host,) = virtual_time.run(observing.report_hosts(_Broken(answers), [facts.Host("manager-0", {"ID": "a"})], []))

    assert host.trouble == ""
    assert host.report is not None
    assert (host.report.disks, host.report.ports) == ({}, {})


def test_logs_that_cannot_be_read_are_none() -> None:
    broken = _Broken({"rest": HostUnreachable("Gone.")})

    assert virtual_time.run(observing.read_logs(broken, "manager-0", ["t"])) == {"t": []}


def _make_x509(end: datetime.datetime) -> str:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    start = end - datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _make_ssh(**validity: Any) -> str:
    authority, key = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    return authority.generate_host_certificate(key, "host", **validity).export_certificate().decode()


def test_the_end_of_a_certificate_is_found() -> None:
    end = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)

    assert observing.find_end(_make_x509(end)) == end.timestamp()
    assert observing.find_end(_make_ssh(valid_before=end)) == end.timestamp()


@pytest.mark.parametrize("text", ["", "what is this", _make_ssh()])
def test_a_text_without_an_end_has_none(text: str) -> None:
    assert observing.find_end(text) is None


def _lose(role: str, kept: list[dict[str, Any]]) -> FakePulumi:
    """Makes a state that a refresh took the swarm from, beside outputs that name it; or one host without a swarm."""
    nodes = [{"name": "manager-0", "role": role}]
    return FakePulumi({"access": ACCESS, "operatorKey": "key", "nodes": nodes}, kept)


def test_a_state_that_lost_the_swarm_is_a_finding(machines: _Machines, capsys: pytest.CaptureFixture[str]) -> None:
    code = stack.print_findings(_lose("manager", []), stack.Cloud.SANDBOX, False, _connect(machines))

    assert code == 1
    assert capsys.readouterr().out.startswith("1. The state does not know manager-0, which the outputs name.")


@pytest.mark.parametrize("show", [looking.collect_audit, lambda pulumi: looking.run_on(pulumi, "manager-0", "uptime")])
def test_a_state_that_lost_the_swarm_is_not_said_to_be_empty(show: Callable[[Any], Any]) -> None:
    with pytest.raises(tools.ToolError) as caught:
        show(_lose("manager", []))

    assert str(caught.value).startswith("The state of stack dev has no swarm, though its outputs name 1 node:")


@pytest.mark.parametrize(
    ("show", "target"),
    [(looking.collect_audit, "audit"), (lambda pulumi: looking.restart(pulumi, "", print), "reboot")],
)
def test_what_is_for_swarms_says_so_of_one_host(show: Callable[[Any], Any], target: str) -> None:
    ready = [{"type": "swarm:index:HostReady", "inputs": {"host": "manager-0"}}]

    with pytest.raises(tools.ToolError) as caught:
        show(_lose("host", ready))

    assert str(caught.value) == (
        f"Stack dev is one host without a swarm (composeTarget host), and 'make {target}' is for swarms."
    )


def test_a_command_runs_on_a_host_of_an_up_that_was_not_finished(machines: _Machines) -> None:
    inputs = {"user": "u", "operatorPrivateKey": "k", "caPublicKey": "c", "jumpHost": "127.0.0.2"}
    node = {"type": "swarm:index:SwarmNode", "inputs": {"host": "worker-0"}}
    pulumi = FakePulumi({}, [node, {"type": "pulumi:providers:swarm", "inputs": inputs}])

    assert looking.run_on(pulumi, "worker-0", "uptime", _connect(machines)) == "ran uptime\n"


def test_the_hosts_of_an_up_that_was_not_finished_are_not_audited() -> None:
    with pytest.raises(tools.ToolError) as caught:
        looking.collect_audit(FakePulumi({}))

    assert str(caught.value).startswith("An up of stack dev was not finished: 4 resources are there;")
