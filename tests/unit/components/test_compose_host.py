"""A compose file on one host without a swarm."""

import pathlib
import stat
from typing import Any

import pulumi
import pulumi_docker as docker
import pytest

import compose
from components import access, compose_host, compose_stack, errors, host_docker
from tests.unit import deploying
from tests.unit.components import building

_CONTAINER = "docker:index/container:Container"
_FILES: dict[str, str] = {"motd": "hello", "password": "s3cret"}
_WEB = """
services:
  web:
    image: nginx:1.27
    command: [serve, --fast]
    environment: {A: b}
    ports: ["8080:80", "53/udp"]
    configs: [{source: motd, target: /etc/motd, mode: 256}, motd]
    secrets: [password]
    networks: {back: {aliases: [site]}}
    volumes: ["data:/data:ro", "/srv:/srv", {type: tmpfs, target: /tmp, tmpfs: {size: 8388608}}]
    healthcheck: {test: [CMD, ok], interval: 90s, retries: 2}
    stop_grace_period: 3s
    ulimits: {nofile: 10}
    extra_hosts: ["db:10.0.0.9"]
    cap_add: [NET_ADMIN]
    logging: {driver: json-file, options: {max-size: 1m}}
    deploy: {resources: {limits: {cpus: "0.5", memory: 50M}}, restart_policy: {condition: on-failure, max_attempts: 3}}
networks: {back: {internal: true}}
volumes: {data: {driver_opts: {type: tmpfs}}}
configs: {motd: {file: ./motd}}
secrets: {password: {file: ./password}}
"""


def _read(folder: pathlib.Path, text: str) -> compose.Converted:
    for name, content in _FILES.items():
        (folder / name).write_text(content)
    (folder / "compose.yaml").write_text(text)
    return compose_stack.read_compose_files("shop", [str(folder / "compose.yaml")]).model


def _create(model: compose.Converted, args: dict[str, Any]) -> compose_host.ComposeHost:
    (host,) = building.make_existing_hosts("box", 1)
    merged: Any = {"host": host, "model": model, **args}
    return compose_host.ComposeHost("shop", merged)


def _deploy(model: compose.Converted, **args: Any) -> deploying.Deployed:
    return deploying.deploy(lambda: _create(model, args))


def _deploy_text(folder: pathlib.Path, text: str, **args: Any) -> deploying.Deployed:
    return _deploy(_read(folder, text), **args)


def test_a_service_is_a_container_with_the_files_words(tmp_path: pathlib.Path) -> None:
    container = _deploy_text(tmp_path, _WEB).one(_CONTAINER, "box-0-shop-web.1").inputs

    assert container["name"] == "shop_web.1"
    assert container["command"] == ["serve", "--fast"]
    assert container["envs"] == ["A=b"]
    assert container["ports"] == [
        {"internal": 53, "protocol": "udp"},
        {"external": 8080, "internal": 80, "protocol": "tcp"},
    ]
    assert container["networksAdvanced"] == [{"aliases": ["site", "web"], "name": "shop_back"}]
    assert container["mounts"] == [
        {"readOnly": True, "source": "shop_data", "target": "/data", "type": "volume"},
        {"source": "/srv", "target": "/srv", "type": "bind"},
        {"target": "/tmp", "tmpfsOptions": {"sizeBytes": 8388608}, "type": "tmpfs"},
    ]
    assert container["healthcheck"] == {"interval": "1m30s", "retries": 2, "tests": ["CMD", "ok"]}
    assert (container["wait"], container["stopTimeout"], container["destroyGraceSeconds"]) == (True, 3, 3)
    assert container["ulimits"] == [{"hard": 10, "name": "nofile", "soft": 10}]
    assert container["hosts"] == [{"host": "db", "ip": "10.0.0.9"}]
    assert container["capabilities"] == {"adds": ["CAP_NET_ADMIN"]}
    assert (container["logDriver"], container["logOpts"]) == ("json-file", {"max-size": "1m"})
    assert (container["cpus"], container["memory"]) == ("0.5", 50)
    assert (container["restart"], container["maxRetryCount"]) == ("on-failure", 3)
    assert container["image"] == "image-box-0-shop-web-image"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("1234567891ns", "1.234567891s"),
        ("1000000001ns", "1.000000001s"),
        ("1500us", "1.5ms"),
        ("3600s", "1h0m0s"),
    ],
)
def test_a_duration_is_written_to_the_nanosecond(tmp_path: pathlib.Path, given: str, written: str) -> None:
    text = f"services: {{web: {{image: a, healthcheck: {{test: [CMD, ok], interval: {given}}}}}}}"

    container = _deploy_text(tmp_path, text).one(_CONTAINER, "box-0-shop-web.1").inputs

    assert container["healthcheck"]["interval"] == written


def test_a_name_that_only_a_swarm_refuses_is_one_here(tmp_path: pathlib.Path) -> None:
    container = _deploy_text(tmp_path, "services: {my.web: {image: a}}").one(_CONTAINER, "box-0-shop-my.web.1").inputs

    assert container["name"] == "shop_my.web.1"


def test_configs_and_secrets_are_written_into_the_container(tmp_path: pathlib.Path) -> None:
    container = _deploy_text(tmp_path, _WEB, secrets={"password": "drawn"}).one(_CONTAINER)

    assert container.inputs["uploads"] == [
        {"contentBase64": "aGVsbG8=", "file": "/etc/motd", "permissions": "0400"},
        {"contentBase64": "aGVsbG8=", "file": "/motd", "permissions": "0444"},
        {"contentBase64": "ZHJhd24=", "file": "/run/secrets/password", "permissions": "0444"},
    ]
    assert container.secrets == {"uploads"}


def test_an_overlay_is_a_bridge_here_and_a_volume_outlives_its_containers(tmp_path: pathlib.Path) -> None:
    deployed = _deploy_text(tmp_path, _WEB)

    network = deployed.one("docker:index/network:Network").inputs
    assert (network["name"], network["driver"], network["internal"]) == ("shop_back", "bridge", True)
    volume = deployed.one("docker:index/volume:Volume").inputs
    assert (volume["name"], volume["driverOpts"]) == ("shop_data", {"type": "tmpfs"})


def test_replicas_are_numbered(tmp_path: pathlib.Path) -> None:
    deployed = _deploy_text(tmp_path, "services: {web: {image: a, deploy: {replicas: 3}}}")

    assert [one.inputs["name"] for one in deployed.all(_CONTAINER)] == ["shop_web.1", "shop_web.2", "shop_web.3"]


@pytest.mark.parametrize(
    ("policy", "restart"),
    [
        ("", "unless-stopped"),
        ("restart: 'no'", "no"),
        ("restart: always", "always"),
        ("restart: on-failure:3", "on-failure"),
        ("deploy: {restart_policy: {condition: none}}", "no"),
    ],
)
def test_it_starts_again_as_the_file_says_and_else_like_a_swarm(
    tmp_path: pathlib.Path, policy: str, restart: str
) -> None:
    deployed = _deploy_text(tmp_path, f"services:\n  web:\n    image: a\n    {policy}\n")

    assert deployed.one(_CONTAINER).inputs["restart"] == restart


def test_containers_come_in_the_order_of_the_file_and_after_the_host(tmp_path: pathlib.Path) -> None:
    text = """
services:
  web: {image: a, depends_on: {db: {condition: service_healthy}, migrate: {condition: service_completed_successfully}}}
  db: {image: b, healthcheck: {test: "true"}}
  migrate: {image: c}
"""
    deployed = _deploy_text(tmp_path, text)

    assert {"box-0-shop-db.1", "box-0-shop-migrate.1", "box-0-shop-ready"} <= set(
        deployed.one(_CONTAINER, "box-0-shop-web.1").depends_on
    )
    migrate = deployed.one(_CONTAINER, "box-0-shop-migrate.1").inputs
    assert {key: migrate[key] for key in ("restart", "mustRun", "attach", "logs")} == {
        "restart": "no",
        "mustRun": False,
        "attach": True,
        "logs": True,
    }
    assert deployed.one(_CONTAINER, "box-0-shop-db.1").inputs["wait"] is True


def test_the_host_is_reached_through_its_jump_host_and_nothing_else_is_trusted(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_SWARM_CACHE", str(tmp_path / "cache"))
    way = access.SshAccess(
        ca_public_key="ssh-ed25519 CA comment", operator_private_key="key", jump_address="1.2.3.4", jump_name="jump"
    )
    host = access.ExistingHost(host_name="box-0", private_ip="10.0.0.4", access=way)

    deployed = _deploy_text(tmp_path, "services: {web: {image: a}}", host=host)

    provider = deployed.one("pulumi:providers:docker").inputs
    assert provider["host"] == "ssh://azureuser@box-0:22"
    assert "KnownHostsCommand=/bin/echo @cert-authority * ssh-ed25519 CA" in provider["sshOpts"]
    assert "HostKeyAlias=jump" in provider["sshOpts"]
    (file,) = (tmp_path / "cache" / "keys").iterdir()
    assert file.read_text() == "key\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_jump_host_it_is_reached_directly() -> None:
    options = host_docker.make_options(
        {"ca": "ssh-ed25519 CA", "jump_address": "", "proxy_command": ""}, pathlib.Path("/k")
    )

    assert not any("ProxyCommand" in option for option in options)


def test_a_proxy_command_is_handed_to_ssh_as_it_is() -> None:
    facts = {"ca": "ssh-ed25519 CA", "jump_address": "", "proxy_command": "gate %h %p"}

    assert host_docker.make_options(facts, pathlib.Path("/k"))[-2:] == ["-o", "ProxyCommand=gate %h %p"]


def test_a_provider_that_is_there_is_used(tmp_path: pathlib.Path) -> None:
    model = _read(tmp_path, "services: {web: {image: a}}")

    def program() -> None:
        _create(model, {"docker": docker.Provider("near", host="unix:///run/docker.sock")})

    deployed = deploying.deploy(program)

    assert deployed.one(_CONTAINER).provider == "near"
    assert deployed.names("swarm:index:HostReady") == []


def test_the_network_of_the_host_is_a_mode(tmp_path: pathlib.Path) -> None:
    text = "services: {web: {image: a, networks: [hosts]}}\nnetworks: {hosts: {external: true, name: host}}"

    container = _deploy_text(tmp_path, text).one(_CONTAINER).inputs

    assert container["networkMode"] == "host"
    assert "networksAdvanced" not in container


def test_an_external_network_is_joined_by_its_name(tmp_path: pathlib.Path) -> None:
    text = "services: {web: {image: a, networks: [out]}}\nnetworks: {out: {external: true, name: outside}}"

    container = _deploy_text(tmp_path, text).one(_CONTAINER).inputs

    assert container["networksAdvanced"] == [{"aliases": ["web"], "name": "outside"}]


def test_an_image_that_is_built_here_is_pulled_by_its_digest(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    model = _read(tmp_path, "services: {web: {build: ., environment: [IMAGE_DIGEST=pinned]}}")

    deployed = deploying.deploy(lambda: _create(model, {"registry": building.create_registry()}))

    image = deployed.one("docker:index/remoteImage:RemoteImage", "box-0-shop-web-image").inputs
    assert image["name"] == f"images.azurecr.io/shop/web@{deploying.DIGEST}"
    assert deployed.one(_CONTAINER).inputs["envs"] == [f"IMAGE_DIGEST={deploying.DIGEST}"]


@pytest.mark.parametrize(
    ("service", "refusal"),
    [
        (
            "deploy: {placement: {constraints: [node.role==manager]}}",
            "web.deploy.placement.constraints chooses among nodes",
        ),
        (
            "deploy: {placement: {preferences: [{spread: node.labels.a}]}}",
            "web.deploy.placement.preferences spreads over nodes",
        ),
        ("deploy: {resources: {limits: {pids: 5}}}", "web.deploy.resources.limits.pids is not known to pulumi-docker"),
        ("environment: ['A={{.Node.Hostname}}']", "web.environment holds a template, which only a swarm expands"),
        ("hostname: '{{.Task.Slot}}'", "web.hostname holds a template, which only a swarm expands"),
        (
            "volumes: [{type: npipe, source: a, target: b}]",
            "web.volumes has a mount of type npipe, which pulumi-docker does not make",
        ),
        ("configs: [out]", "web.configs names the external config 'out', which only a swarm keeps"),
        ("secrets: [out]", "web.secrets names the external secret 'out', which only a swarm keeps"),
        (
            "read_only: true\n    configs: [motd]",
            "web.read_only leaves no place for its configs, which are written into the container",
        ),
        (
            "ports: ['80:80']\n    deploy: {replicas: 2}",
            "web.ports publishes 80, which 2 containers cannot have at once",
        ),
        (
            "depends_on: {db: {condition: service_healthy}}",
            "web.depends_on waits for the health of db, which has no healthcheck in the file",
        ),
    ],
)
def test_what_one_host_cannot_do_is_refused(tmp_path: pathlib.Path, service: str, refusal: str) -> None:
    top = "configs: {motd: {file: ./motd}, out: {external: true}}\nsecrets: {out: {external: true}}\n"
    model = _read(tmp_path, f"services:\n  web:\n    image: a\n    {service}\n  db: {{image: b}}\n{top}")

    with pytest.raises(errors.ComponentError) as refused:
        _deploy(model)

    assert str(refused.value) == f"ComposeHost 'shop': one host cannot run it: services.{refusal}."


@pytest.mark.parametrize(
    ("top", "refusal"),
    [
        (
            "networks: {default: {driver_opts: {encrypted: ''}}}",
            "networks.default.driver_opts are those of an overlay network, which only a swarm has",
        ),
        (
            "configs: {motd: {file: ./motd, template_driver: golang}}",
            "configs.motd has a driver, which only a swarm runs",
        ),
    ],
)
def test_objects_that_only_a_swarm_has_are_refused(tmp_path: pathlib.Path, top: str, refusal: str) -> None:
    with pytest.raises(errors.ComponentError) as refused:
        _deploy_text(tmp_path, f"version: '3.8'\nservices: {{web: {{image: a}}}}\n{top}\n")

    assert str(refused.value) == f"ComposeHost 'shop': one host cannot run it: {refusal}."


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"host": "box"}, "host must be a ContainerHost or an ExistingHost; got 'box'."),
        ({"model": "x"}, "model must be what read_compose_files gives; got 'x'."),
        ({"secrets": {"other": "x"}}, "secrets must be among the file's secrets []; got ['other']."),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    model = building.make_model()

    assert deploying.refusal_of(lambda: _create(model, change)) == f"ComposeHost 'shop': {refusal}"


def test_a_container_that_failed_is_told_with_its_log() -> None:
    with pytest.raises(errors.ComponentError) as failed:
        compose_host.confirm_end("shop_migrate.1", 3, "one\ntwo\n")

    assert str(failed.value) == (
        "Container 'shop_migrate.1' was to run to its end and ended with status 3.\nIts log ends with:\n  one\n  two"
    )
    assert compose_host.confirm_end("shop_migrate.1", 0, "one\n") == "shop_migrate.1"


def test_ports_are_told(tmp_path: pathlib.Path) -> None:
    model = _read(tmp_path, _WEB)

    deployed = deploying.deploy(lambda: pulumi.export("ports", _create(model, {}).ports))

    assert deployed.outputs["ports"] == [("shop_web", 8080)]
