"""Which `pulumi` commands a target runs, in which order, in the sandbox and on Azure."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import tools
from tools import asking, facts, pulumi_cli, settings_files, stack

OUTPUTS: dict[str, Any] = {"nodes": [], "ingress": {}}
MACHINE = {
    "urn": "urn:m",
    "type": "azure-native:compute:VirtualMachine",
    "inputs": {"resourceGroupName": "shop", "vmName": "m-0"},
}
SERVICE = {"urn": "urn:s", "type": "swarm:index:Service", "inputs": {}}


def make_export(*creating: dict[str, Any]) -> dict[str, Any]:
    operations = [{"type": "creating", "resource": one} for one in creating]
    return {"deployment": {"resources": [], "pending_operations": operations}}


class FakePulumi:
    """Remembers what it was asked."""

    stack = "dev"

    def __init__(self, export: dict[str, Any] | None = None, failing: str = "") -> None:
        self.commands: list[str] = []
        self.errors: list[pulumi_cli.Error] = []
        self._export = export or make_export()
        self._failing = failing

    def run(self, *arguments: str) -> int:
        self.commands.append(" ".join(arguments))
        return 7 if arguments[0] == self._failing else 0

    def run_watched(self, *arguments: str) -> tuple[int, list[pulumi_cli.Error]]:
        return self.run(*arguments), self.errors

    def read(self, *arguments: str) -> Any:
        return self._export if arguments[1] == "export" else OUTPUTS

    def write(self, data: Any, *arguments: str) -> None:
        self.commands.append(" ".join(arguments))
        self._export = data


@pytest.fixture(autouse=True)
def _sandbox_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "0")
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)


def test_up_in_the_sandbox_asks_nothing() -> None:
    pulumi = FakePulumi()

    assert stack.up(pulumi, stack.Cloud.SANDBOX) == 0
    assert pulumi.commands == ["stack select --create", "up --yes --skip-preview"]


@pytest.mark.parametrize(("succeeded", "code"), [(True, 0), (False, 1)])
def test_up_ends_as_its_addresses_answer(
    succeeded: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def wait(urls: Mapping[str, str], _seconds: float) -> dict[str, facts.Answer]:
        return {name: facts.Answer(f"said by {url}", succeeded) for name, url in urls.items()}

    monkeypatch.setattr(asking, "wait_until_answered", wait)
    monkeypatch.setitem(OUTPUTS, "ingress", {"db_main:5432": "http://a:5432"})

    assert stack.up(FakePulumi(), stack.Cloud.SANDBOX) == code
    assert "said by http://a:5432" in capsys.readouterr().out


def test_a_host_that_azure_had_no_room_for_is_told_with_the_next_size(capsys: pytest.CaptureFixture[str]) -> None:
    pulumi = FakePulumi(failing="up")
    urn = "urn:pulumi:dev::azure-swarm::azure-swarm:components:ContainerHost$azure-native:compute:VirtualMachine::"
    pulumi.errors = [pulumi_cli.Error(f"{urn}worker-1-0a1b2c", 'Code="SkuNotAvailable" Message="no"')]

    assert stack.up(pulumi, stack.Cloud.SANDBOX) == 7
    assert capsys.readouterr().err == (
        "Azure has no room for worker-1, Standard_B2als_v2 in westeurope (SkuNotAvailable). The next of "
        "workerFallbackSizes is Standard_B2ls_v2: sandbox/run pulumi config set --path hostSizes.worker-1 "
        "Standard_B2ls_v2 --stack dev, then make up\n"
    )


def test_any_other_failure_is_left_to_pulumis_words(capsys: pytest.CaptureFixture[str]) -> None:
    pulumi = FakePulumi(failing="up")
    pulumi.errors = [pulumi_cli.Error("urn:m", "no")]

    assert stack.up(pulumi, stack.Cloud.SANDBOX) == 7
    assert capsys.readouterr().err == ""


def test_up_on_azure_is_pulumis_own() -> None:
    pulumi = FakePulumi()

    stack.up(pulumi, stack.Cloud.AZURE)

    assert pulumi.commands == ["stack select --create", "up"]


def test_up_first_looks_for_what_a_killed_run_was_creating_on_azure() -> None:
    pulumi = FakePulumi(make_export(MACHINE))

    stack.up(pulumi, stack.Cloud.SANDBOX)

    assert pulumi.commands[1:] == [
        "stack import",
        "refresh --yes --skip-preview --target=urn:m",
        "stack import",
        "up --yes --skip-preview",
    ]


def test_what_finds_its_own_again_is_only_dropped() -> None:
    pulumi = FakePulumi(make_export(SERVICE))

    stack.up(pulumi, stack.Cloud.SANDBOX)

    assert pulumi.commands[1:] == ["stack import", "up --yes --skip-preview"]


def test_nothing_is_updated_when_looking_failed() -> None:
    pulumi = FakePulumi(make_export(MACHINE), failing="refresh")

    assert stack.up(pulumi, stack.Cloud.SANDBOX) == 7
    assert pulumi.commands[-1].startswith("refresh")


def test_a_failed_up_ends_the_command_with_its_code() -> None:
    assert stack.up(FakePulumi(failing="up"), stack.Cloud.SANDBOX) == 7


def test_down_in_the_sandbox_removes_the_stack_and_keeps_its_settings() -> None:
    pulumi = FakePulumi()

    stack.down(pulumi, stack.Cloud.SANDBOX)

    assert pulumi.commands[1:] == ["destroy --yes", "stack rm --yes --preserve-config"]


def test_down_on_azure_keeps_the_stack() -> None:
    pulumi = FakePulumi()

    stack.down(pulumi, stack.Cloud.AZURE)

    assert pulumi.commands[1:] == ["destroy"]


def test_a_failed_destroy_keeps_the_stack() -> None:
    pulumi = FakePulumi(failing="destroy")

    assert stack.down(pulumi, stack.Cloud.SANDBOX) == 7
    assert pulumi.commands[-1].startswith("destroy")


def test_refresh_in_the_sandbox_asks_nothing() -> None:
    pulumi = FakePulumi()

    stack.refresh(pulumi, stack.Cloud.SANDBOX)

    assert pulumi.commands[1:] == ["refresh --yes --skip-preview"]


def test_preview_changes_nothing() -> None:
    pulumi = FakePulumi(make_export(MACHINE))

    stack.preview(pulumi, stack.Cloud.SANDBOX)

    assert pulumi.commands == ["stack select --create", "preview"]


class _Emptied(FakePulumi):
    """Has a stack with resources and without outputs."""

    def read(self, *arguments: str) -> Any:
        return super().read(*arguments) if arguments[1] == "export" else {}


@pytest.mark.parametrize(
    "show", [stack.print_urls, lambda pulumi: stack.print_status(pulumi, False)], ids=["url", "status"]
)
def test_an_up_that_was_cut_off_is_told(show: Callable[[Any], int]) -> None:
    with pytest.raises(tools.ToolError) as caught:
        show(_Emptied(make_export(MACHINE)))

    assert str(caught.value).startswith("An up of stack dev was not finished: 1 resource is there;")


NODE = {"urn": "urn:n", "type": "swarm:index:SwarmNode", "inputs": {"host": "m-0"}}
PROVIDER = {
    "urn": "urn:p",
    "type": "pulumi:providers:swarm",
    "inputs": {"jumpHost": "20.1.2.3", "user": "u", "operatorPrivateKey": "k", "caPublicKey": "c"},
}


def _connect_shut(_way: Any, _look: Any) -> str:
    return "The jump host at 20.1.2.3:22 does not answer (no answer within 15 s)"


def test_a_refresh_without_a_way_in_is_refused_before_anything_is_done() -> None:
    pulumi = FakePulumi({"deployment": {"resources": [NODE, PROVIDER]}})

    with pytest.raises(tools.ToolError) as caught:
        stack.refresh(pulumi, stack.Cloud.AZURE, connect=_connect_shut)

    assert pulumi.commands == ["stack select --create"]
    assert str(caught.value) == (
        f"{_connect_shut(None, None)}, and a refresh would take the swarm, its nodes and services from the state, "
        "though they may live: look whether your address is in operatorNetworks, the VPN up and the jump host there; "
        "'make refresh FORCE=1 CLOUD=azure' where it is gone for ever."
    )


@pytest.mark.parametrize(
    ("force", "connect"), [(True, _connect_shut), (False, lambda _way, _look: "")], ids=["forced", "way in answers"]
)
def test_a_refresh_goes_on_when_it_is_forced_or_the_way_in_answers(force: bool, connect: Any) -> None:
    pulumi = FakePulumi({"deployment": {"resources": [NODE, PROVIDER]}})

    assert stack.refresh(pulumi, stack.Cloud.SANDBOX, force, connect) == 0
    assert pulumi.commands[-1] == "refresh --yes --skip-preview"


def _settings(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    monkeypatch.setattr(settings_files, "read", lambda *_: settings)


def test_azure_is_not_asked_with_networks_that_shut_the_operator_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _settings(monkeypatch, operatorNetworks=["203.0.113.0/24"])

    assert stack.main(["up", "--stack", "dev", "--cloud", "azure"]) == 1
    assert "operatorNetworks must have the network that you come from" in capsys.readouterr().err


def test_a_broken_settings_file_keeps_nobody_from_taking_things_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise tools.ToolError("Broken.")

    monkeypatch.setattr(settings_files, "read", refuse)
    monkeypatch.setattr(pulumi_cli, "Cli", lambda _stack: FakePulumi())

    assert [stack.main([command, "--stack", "dev"]) for command in ("preview", "down", "url")] == [1, 0, 0]


def test_the_subscription_of_the_settings_comes_before_the_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _settings(monkeypatch, **{"azure-native:subscriptionId": "own"})
    pulumi = FakePulumi(make_export(MACHINE), failing="refresh")

    stack.up(pulumi, stack.Cloud.AZURE)

    assert pulumi.read("stack", "export")["deployment"]["resources"][0]["id"].startswith("/subscriptions/own/")


def test_an_error_is_json_where_json_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pulumi_cli, "Cli", lambda _stack: _Emptied({}))

    assert stack.main(["status", "--stack", "dev", "--json"]) == 1
    told = capsys.readouterr()
    assert f"azure-swarm: {json.loads(told.out)['error']}\n" == told.err


@pytest.mark.parametrize(("command", "said"), [("preview", "azure: dev\n"), ("url", "")])
def test_what_changes_a_stack_says_first_which(
    command: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pulumi_cli, "Cli", lambda _stack: FakePulumi())

    assert stack.main([command, "--stack", "dev", "--cloud", "azure"]) == 0
    assert capsys.readouterr().err == said
