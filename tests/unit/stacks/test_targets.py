"""An environment of one host without a swarm."""

import pathlib

import pytest

from stacks import names
from tests.unit import deploying
from tests.unit.stacks import environments

_FILE = """
services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    secrets: [shape]
secrets: {shape: {file: shape.example}}
"""


@pytest.fixture
def application(tmp_path: pathlib.Path) -> str:
    """Gives the setting of an application that publishes a port and needs a secret."""
    (tmp_path / "shape.example").write_text("shape")
    (tmp_path / "compose.yaml").write_text(_FILE)
    return f"web={tmp_path / 'compose.yaml'}"


def _deploy(*applications: str) -> deploying.Deployed:
    return environments.deploy_changed("dev", composeTarget="host", workers=0, applications=list(applications))


def test_it_has_containers_and_nothing_of_a_swarm(application: str) -> None:
    deployed = _deploy(application)

    assert deployed.one("docker:index/container:Container").inputs["name"] == "web_web.1"
    kinds = {one.token for one in deployed.resources if one.token.startswith("swarm:")}
    assert kinds == {f"swarm:index:{kind}" for kind in ("SshAuthority", "HostIdentity", "HostReady", "RandomToken")}


def test_its_host_takes_the_connections(application: str) -> None:
    deployed = _deploy(application)

    (interface,) = [one for one in deployed.all("azure-native:network:NetworkInterface") if "manager-0" in one.parent]
    assert "edge-lb" in str(interface.inputs["ipConfigurations"])
    assert deployed.outputs[names.INGRESS] == {"web_web:8080": "http://address-of-edge-ip:8080"}


def test_its_outputs_are_those_of_every_environment(application: str) -> None:
    outputs = _deploy(application).outputs

    assert outputs[names.STACKS] == {"web": {"web": "nginx:1.27"}}
    (node,) = outputs[names.NODES]
    assert (node["role"], node["privateIp"]) == ("host", f"address-of-{node['name']}-nic")


def test_an_example_never_becomes_a_secret(application: str) -> None:
    (upload,) = _deploy(application).one("docker:index/container:Container").inputs["uploads"]

    assert upload["contentBase64"] == "dG9rZW4td2ViLXNoYXBl"


def test_what_one_host_cannot_do_is_refused_before_anything_is_created() -> None:
    program = environments.make_program("dev", composeTarget="host", workers=0)

    sentence = deploying.refusal_of(program)

    assert sentence.startswith("ComposeHost 'shop': one host cannot run it: ")
    assert "services.store.deploy.placement.constraints chooses among nodes" in sentence
    assert "services.web.environment holds a template, which only a swarm expands" in sentence
