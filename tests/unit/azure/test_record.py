"""The record of an environment: what the program asks for, for readers."""

import difflib
import json
from typing import Any

import pulumi
import pulumi_azure_native.resources as resources
import pytest
import yaml

import tools
from arm import registrations
from tests.unit.stacks import environments as deployed
from tools import environments, goldens, record, recording, settings_files

_VM = "azure-native:compute:VirtualMachine"
_KEYS = {"customData": "aG9zdA==", "computerName": "web"}


def _read_record(stack: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(registrations.print_record(deployed.deploy_environment(stack).resources))
    return document


def _make(name: str = "web-0-aaaaaa", **fields: Any) -> registrations.Registration:
    return registrations.Registration(**{"token": _VM, "name": name, "inputs": {}, **fields})


@pytest.mark.parametrize("stack", environments.STACKS)
def test_the_kept_record_is_what_the_program_asks_of_azure(stack: str) -> None:
    found = registrations.list_of_azure(deployed.deploy_environment(stack).resources)

    kept = (goldens.RECORDS / f"{stack}.yaml").read_text(encoding="utf-8")
    text = registrations.print_record(found)
    changed = "\n".join(difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", n=2, lineterm=""))
    assert text == kept, f"`make goldens` writes this anew; review what it does to Azure:\n{changed}"


def test_a_record_has_every_registration_in_order() -> None:
    resources = _read_record("dev")["resources"]

    names = [(one["type"], one["name"]) for one in resources]
    assert names == sorted(names)
    assert len(names) == len(deployed.deploy_environment("dev").resources)


def test_a_record_says_version_options_and_dependencies() -> None:
    found = next(one for one in _read_record("dev")["resources"] if one["name"] == "net-hosts")

    assert {key: value for key, value in found.items() if key != "inputs"} == {
        "type": "azure-native:network:Subnet",
        "name": "net-hosts",
        "apiVersion": "2024-05-01",
        "parent": "net",
        "deletedWith": "net-group",
        "dependsOn": ["net-group", "net-nat", "net-nsg", "net-vnet"],
    }


def test_a_record_says_every_option_that_changes_what_happens() -> None:
    options = pulumi.ResourceOptions(
        retain_on_delete=True,
        import_="/groups/ours",
        custom_timeouts=pulumi.CustomTimeouts(create="40m", delete="1h"),
        aliases=[pulumi.Alias(name="before"), "urn:pulumi:dev::p::t::n"],
    )
    made = recording.record(
        lambda: resources.ResourceGroup("ours", resource_group_name="ours", opts=options), project="p", stack="dev"
    )

    assert registrations.describe(made.resources[0]) == {
        "type": "azure-native:resources:ResourceGroup",
        "name": "ours",
        "apiVersion": "2024-03-01",
        "parent": "p-dev",
        "retainOnDelete": True,
        "customTimeouts": {"create": "40m", "delete": "1h"},
        "import": "/groups/ours",
        "aliases": ["name: before", "urn:pulumi:dev::p::t::n"],
        "inputs": {"resourceGroupName": "ours"},
    }


@pytest.mark.parametrize("secret", ["ca-private", "operator-private", "private-", "pass-word", "token-", "ssh_keys"])
def test_no_secret_is_in_a_record(secret: str) -> None:
    assert secret not in registrations.print_record(deployed.deploy_environment("prod").resources)


def test_a_secret_object_is_masked_leaf_by_leaf_but_for_what_is_public() -> None:
    found = registrations.mask(_make(inputs={"osProfile": _KEYS}, secrets=frozenset({"osProfile"})))

    assert found == {"osProfile": {"customData": "[secret]", "computerName": "web"}}


def test_all_of_a_secret_object_of_another_type_is_masked() -> None:
    inputs: dict[str, Any] = {"spec": {"a": [1, {"b": "c"}]}, "open": True}
    found = registrations.mask(_make(token="other:index:Type", inputs=inputs, secrets=frozenset({"spec"})))

    assert found == {"spec": {"a": ["[secret]", {"b": "[secret]"}]}, "open": True}


def test_a_generation_stands_once() -> None:
    document = yaml.safe_load(registrations.print_record([_make(inputs={"id": "/nics/web-0-aaaaaa-nic"})]))

    assert document["generations"] == {"web-0": "aaaaaa"}
    assert document["resources"][0]["name"] == "web-0-<generation>"
    assert document["resources"][0]["inputs"] == {"id": "/nics/web-0-<generation>-nic"}


def test_another_generation_changes_one_line() -> None:
    one, other = (registrations.print_record([_make(name)]) for name in ("web-0-aaaaaa", "web-0-bbbbbb"))

    changed = [line for line in difflib.ndiff(one.splitlines(), other.splitlines()) if line.startswith("+")]
    assert changed == ["+   web-0: bbbbbb"]


def test_settings_can_be_changed_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = record.main(["--stack", "dev", "--azure", "applications=[]", "managers=3", 'zones=["2"]'])

    found = yaml.safe_load(capsys.readouterr().out)["resources"]
    machines = [one for one in found if one["type"] == _VM and one["parent"].startswith("manager")]
    assert code == 0
    assert [one["inputs"]["zones"] for one in machines] == [["2"]] * 3


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("managers=2", "managers must be 1, 3, 5 or 7; got 2."),
        ("worker=2", "worker is no setting that Pulumi.yaml declares; is workers meant?"),
        ("workers", "a setting must be KEY=VALUE, such as workers=5; got 'workers'."),
        ("operatorNetworks=[7]", "operatorNetworks[0] must be a string; got 7."),
    ],
)
def test_what_the_command_line_says_is_not_blamed_on_a_file(
    word: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record.main(["--stack", "dev", word]) == 1
    assert capsys.readouterr().err == f"azure-swarm: On the command line: {sentence}\n"


def test_settings_of_azure_native_go_to_their_own_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {**settings_files.read("dev"), "azure-native:location": "northeurope"}
    monkeypatch.setattr(settings_files, "read", lambda *_: own)

    assert record.main(["--stack", "dev", "applications=[]"]) == 0


def test_a_broken_file_is_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise tools.ToolError("Pulumi.dev.yaml: it is broken.")

    monkeypatch.setattr(settings_files, "read", refuse)

    assert record.main(["--stack", "dev"]) == 1
    assert capsys.readouterr().err == "azure-swarm: Pulumi.dev.yaml: it is broken.\n"


def test_a_record_can_be_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert record.main(["--json", "--azure", "applications=[]"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert record.main(["--azure", "applications=[]"]) == 0
    assert found == yaml.safe_load(capsys.readouterr().out)


def test_a_refusal_is_json_too_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert record.main(["--json", "managers=2"]) == 1
    assert json.loads(capsys.readouterr().out)["error"].endswith("must be 1, 3, 5 or 7; got 2.")
