"""The settings files as they are written, and what of them is refused before anything runs."""

import pathlib

import pytest

import tools
from tools import settings_files

SECTIONS = "config, encryptedkey, encryptionsalt, environment or secretsprovider"
NAMESPACES = "azure-swarm, azure-native, docker, pulumi or swarm"


def write(folder: pathlib.Path, text: str) -> pathlib.Path:
    (folder / "Pulumi.yaml").write_text((settings_files.ROOT / "Pulumi.yaml").read_text())
    (folder / "Pulumi.dev.yaml").write_bytes(text.encode("latin-1"))
    return folder


def refusal(folder: pathlib.Path, text: str) -> str:
    with pytest.raises(tools.ToolError) as caught:
        settings_files.read("dev", write(folder, text))
    return str(caught.value)


@pytest.mark.parametrize("stack", ["dev", "test", "prod"])
def test_the_files_of_the_repository_are_read(stack: str) -> None:
    assert "managers" in settings_files.read(stack)


@pytest.mark.parametrize("text", ["", "# Nothing.\n", "config:\n", "config: {}\n", "encryptionsalt: v1:x\n"])
def test_a_file_without_settings_has_none(text: str, tmp_path: pathlib.Path) -> None:
    assert settings_files.read("dev", write(tmp_path, text)) == {}


def test_settings_stand_without_the_project_and_those_of_others_with_their_namespace(tmp_path: pathlib.Path) -> None:
    text = "config: {azure-swarm:workers: 2, managers: 1, azure-native:location: mars, azure-swarm:config:tags: {}}\n"

    assert settings_files.read("dev", write(tmp_path, text)) == {
        "workers": 2,
        "managers": 1,
        "azure-native:location": "mars",
        "tags": {},
    }


def test_a_day_is_text_as_pulumi_reads_it(tmp_path: pathlib.Path) -> None:
    text = "config:\n  azure-swarm:secretExpiry: 2027-11-30\n"

    assert settings_files.read("dev", write(tmp_path, text)) == {"secretExpiry": "2027-11-30"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("confg:\n  a:b: c\n", f"confg must be {SECTIONS}; is config meant?"),
        ("stuff: 1\n", f"stuff must be {SECTIONS}."),
        (
            "config:\n  azure-swam:workers: 1\n",
            f"azure-swam:workers must be of {NAMESPACES}; is azure-swarm:workers meant?",
        ),
        ("config:\n  x:workers: 1\n", f"x:workers must be of {NAMESPACES}."),
        (
            "config:\n  azure-swarm:worker: 1\n",
            "azure-swarm:worker is no setting that Pulumi.yaml declares; is workers meant?",
        ),
        ("config:\n  azure-swarm:qqq: 1\n", "azure-swarm:qqq is no setting that Pulumi.yaml declares."),
        ("config: []\n", "config must be a map of settings; got a list."),
        ("- a\n", "all of it must be a map with the section config; got a list."),
        ("config: x\n", "config must be a map of settings; got a text."),
        (
            "config:\n\tazure-swarm:workers: 1\n",
            "line 2 must be YAML: found character '\\t' that cannot start any token.",
        ),
        ("config: [\n", "line 2 must be YAML: expected the node content, but found '<stream end>'."),
        ("config: \x00\n", "it must be YAML: special characters are not allowed."),
        ("config: \xff\n", "it must be text in UTF-8."),
    ],
)
def test_a_file_is_refused_in_one_sentence(text: str, sentence: str, tmp_path: pathlib.Path) -> None:
    assert refusal(tmp_path, text) == f"Pulumi.dev.yaml: {sentence}"


def test_a_file_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(tools.ToolError) as caught:
        settings_files.read("qa", write(tmp_path, ""))

    assert (
        str(caught.value)
        == "Pulumi.qa.yaml: it must be there, with the settings of stack qa; no such file or directory."
    )


OWN = "config:\n  azure-swarm:operatorNetworks: [198.51.100.7/32]\n"


def test_a_sandbox_that_would_shut_its_own_operator_out_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(tools.ToolError) as caught:
        settings_files.require_operator("dev", "sandbox", write(tmp_path, OWN))

    assert str(caught.value) == (
        "Pulumi.dev.yaml: azure-swarm:operatorNetworks must hold 203.0.113.10 in the sandbox, where its operator "
        "stands; got ['198.51.100.7/32']: add 203.0.113.0/24, from which nobody comes on Azure."
    )


@pytest.mark.parametrize("text", ["", "config: {azure-swarm:operatorNetworks: '[\"203.0.113.0/25\"]'}\n"])
def test_azure_with_the_networks_of_the_sandbox_is_refused(text: str, tmp_path: pathlib.Path) -> None:
    with pytest.raises(tools.ToolError) as caught:
        settings_files.require_operator("dev", "azure", write(tmp_path, text))

    assert str(caught.value).startswith(
        "Pulumi.dev.yaml: azure-swarm:operatorNetworks must have the network that you come from on Azure; got ['203.0."
    )


@pytest.mark.parametrize(
    ("cloud", "text"),
    [
        ("sandbox", ""),
        ("sandbox", "config: {azure-swarm:operatorNetworks: [198.51.100.7/32, 203.0.113.0/24]}\n"),
        ("sandbox", "config: {azure-swarm:operatorNetworks: [nonsense]}\n"),
        ("sandbox", "config: {azure-swarm:operatorNetworks: 7}\n"),
        ("azure", OWN),
        ("azure", "config: {azure-swarm:operatorNetworks: ['2001:db8::/32']}\n"),
        ("azure", "config: {azure-swarm:access: private}\n"),
    ],
)
def test_other_networks_are_the_programs_to_judge(cloud: str, text: str, tmp_path: pathlib.Path) -> None:
    settings_files.require_operator("dev", cloud, write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("", {"shop": "apps/shop/compose.yaml"}),
        ("config: {azure-swarm:applications: ['a=b=c.yaml']}\n", {"a": "b=c.yaml"}),
        ("config: {azure-swarm:applications: '[\"a=b\"]'}\n", {"a": "b"}),
        ("config: {azure-swarm:applications: 7}\n", {}),
        ("config: {azure-swarm:applications: [7]}\n", {}),
        ("config: [", {}),
    ],
)
def test_compose_files_are_listed_by_application(text: str, files: dict[str, str], tmp_path: pathlib.Path) -> None:
    assert settings_files.list_applications("dev", write(tmp_path, text)) == files
