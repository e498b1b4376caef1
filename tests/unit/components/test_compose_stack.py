"""A compose file on a swarm."""

import base64
import pathlib
from typing import Any

import pulumi
import pytest

import compose
from components import compose_stack, errors
from providers.swarm import specs
from tests.unit import deploying
from tests.unit.components import building

_SERVICE = "swarm:index:Service"
_FILE = """
version: "3.9"
services:
  web:
    image: nginx:1.27
    ports: ["80:8080", "53:53/udp"]
    secrets: [given, example]
secrets:
  given: {file: given.txt}
  example: {file: example.txt.example}
"""


def _program(model: compose.Converted, /, **args: Any) -> Any:
    return lambda: _create_stack(model, args)


def _create_stack(model: compose.Converted, args: Any) -> compose_stack.ComposeStack:
    merged: Any = {"cluster": building.create_cluster(), "model": model, **args}
    return compose_stack.ComposeStack("shop", merged)


def _built_model(folder: pathlib.Path, **container: Any) -> compose.Converted:
    (folder / "Dockerfile").write_text("FROM scratch\n")
    build = compose.Build(context=folder, dockerfile="Dockerfile", args={}, target="")
    return building.make_model(services={"web": building.make_service("", **container)}, builds={"web": build})


def _deploy_built(folder: pathlib.Path, **container: Any) -> deploying.Deployed:
    model = _built_model(folder, **container)
    return deploying.deploy(lambda: _create_stack(model, {"registry": building.create_registry()}))


def _container(deployed: deploying.Deployed) -> dict[str, Any]:
    return dict(deployed.one(_SERVICE).inputs["spec"]["TaskTemplate"]["ContainerSpec"])


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    """Gives a compose file with two secrets."""
    (tmp_path / "given.txt").write_text("given")
    (tmp_path / "example.txt.example").write_text("example")
    (tmp_path / "compose.yaml").write_text(_FILE)
    return tmp_path / "compose.yaml"


def test_a_service_is_its_spec_under_its_name() -> None:
    service = deploying.deploy(_program(building.make_model())).one(_SERVICE, "shop-web")

    assert service.inputs["name"] == "shop_web"
    assert service.inputs["spec"] == {"Labels": {}, "TaskTemplate": {"ContainerSpec": {"Image": "nginx:1.27"}}}
    assert "registryAuth" not in service.inputs


def test_what_runs_comes_after_the_members_and_under_their_provider() -> None:
    service = deploying.deploy(_program(building.make_model())).one(_SERVICE)

    assert service.depends_on == ["manager-0"]
    assert service.provider == "swarm-provider"


def test_a_built_image_goes_into_the_spec_by_its_digest(tmp_path: pathlib.Path) -> None:
    deployed = _deploy_built(tmp_path)

    assert _container(deployed)["Image"] == f"images.azurecr.io/shop/web@{deploying.DIGEST}"


def test_nodes_pull_a_built_image_with_the_registrys_account(tmp_path: pathlib.Path) -> None:
    service = _deploy_built(tmp_path).one(_SERVICE)

    assert service.inputs["registryAuth"] == {
        "username": "account",
        "password": "pass-word",
        "serveraddress": "images.azurecr.io",
    }
    assert service.secrets == {"registryAuth"}


@pytest.mark.parametrize(
    ("image", "account"),
    [
        ("images.azurecr.io/team/web:1", {"username": "account", "password": "pass-word"}),
        ("other.azurecr.io/team/web:1", None),
        ("nginx:1.27", None),
        ("team/web:1", None),
    ],
)
def test_nodes_pull_from_the_registry_with_its_account(image: str, account: dict[str, str] | None) -> None:
    model = building.make_model(services={"web": building.make_service(image)})

    deployed = deploying.deploy(lambda: _create_stack(model, {"registry": building.create_registry()}))

    found = deployed.one(_SERVICE).inputs.get("registryAuth")
    assert found == (account and {**account, "serveraddress": "images.azurecr.io"})


def test_files_are_read_as_they_are_told_to_be(file: pathlib.Path) -> None:
    file.write_text(_FILE.replace("image: nginx:1.27", "image: nginx:1.27\n    privileged: true"))
    strict = compose_stack.Reading(dialect=compose.Dialect.STACK, strict=True)

    with pytest.raises(errors.ComponentError) as refused:
        compose_stack.read_compose_files("shop", [str(file)], reading=strict)

    assert "services.web.privileged has no effect" in str(refused.value)


def test_a_container_is_told_its_digest_where_it_asks(tmp_path: pathlib.Path) -> None:
    deployed = _deploy_built(tmp_path, Env=["IMAGE_DIGEST=pinned", "A=b"])

    assert _container(deployed)["Env"] == [f"IMAGE_DIGEST={deploying.DIGEST}", "A=b"]


def test_a_container_without_variables_gets_none(tmp_path: pathlib.Path) -> None:
    assert "Env" not in _container(_deploy_built(tmp_path))


def test_a_network_is_made_of_its_spec() -> None:
    spec = {"Name": "shop_inside", "Driver": "overlay"}
    deployed = deploying.deploy(_program(building.make_model(networks={"inside": spec})))

    assert deployed.one("swarm:index:Network", "shop-inside-network").inputs == {
        "name": "shop_inside",
        "spec": {"Driver": "overlay"},
    }


def test_a_config_is_made_of_its_content() -> None:
    spec = building.make_object("shop_catalog", Templating={"Name": "golang"})
    deployed = deploying.deploy(_program(building.make_model(configs={"catalog": spec})))

    assert deployed.one("swarm:index:Config", "shop-catalog-config").inputs == {
        "name": "shop_catalog",
        "data": "b2xk",
        "labels": {"com.docker.stack.namespace": "shop"},
        "templating": {"Name": "golang"},
    }


def test_a_secret_is_made_of_its_file() -> None:
    model = building.make_model(secrets={"password": building.make_object("shop_password")})
    secret = deploying.deploy(_program(model)).one("swarm:index:Secret", "shop-password-secret")

    assert secret.inputs["data"] == "b2xk"
    assert secret.secrets == {"data"}


def test_a_given_value_stands_in_place_of_the_file() -> None:
    model = building.make_model(secrets={"password": building.make_object("shop_password")})
    deployed = deploying.deploy(_program(model, secrets={"password": "new"}))

    assert base64.b64decode(deployed.one("swarm:index:Secret").inputs["data"]) == b"new"


def test_a_secret_of_a_driver_keeps_its_driver() -> None:
    spec = building.make_object("shop_password", Driver={"Name": "vault"}, Templating={"Name": "golang"})
    secret = deploying.deploy(_program(building.make_model(secrets={"password": spec}))).one("swarm:index:Secret")

    assert secret.inputs["driver"] == {"Name": "vault"}
    assert secret.inputs["templating"] == {"Name": "golang"}


def test_a_service_comes_after_those_that_it_depends_on() -> None:
    services = {name: building.make_service() for name in ("api", "store", "web")}
    order = {"api": {"store": "service_healthy"}, "web": {"api": "service_started"}}
    deployed = deploying.deploy(_program(building.make_model(services=services, depends_on=order)))

    assert [service.depends_on for service in deployed.all(_SERVICE)] == [
        ["manager-0", "shop-store"],
        ["manager-0"],
        ["manager-0", "shop-api"],
    ]


def test_services_that_wait_for_each_other_are_refused() -> None:
    services = {name: building.make_service() for name in ("api", "web")}
    order = {"api": {"web": "service_started"}, "web": {"api": "service_started"}}

    with pytest.raises(errors.ComponentError) as refused:
        compose_stack.order_services("shop", building.make_model(services=services, depends_on=order))

    assert str(refused.value) == "ComposeStack 'shop': depends_on must come to an end; got api -> web -> api."


def test_images_and_ports_are_told() -> None:
    published = [compose.Published("web", 80, 8080, "tcp", "ingress"), compose.Published("web", 53, 53, "udp", "host")]
    program = _program(building.make_model(published=published))

    deployed = deploying.deploy(lambda: pulumi.export("found", [program().images, list(program().ports)]))

    assert deployed.outputs["found"] == [{"web": "nginx:1.27"}, [("shop_web", 80)]]


def test_a_preview_knows_all_but_what_the_engine_makes() -> None:
    networks = {"inside": {"Name": "shop_inside"}}
    service = building.make_service() | {"Mode": {"Global": {}}}
    model = building.make_model(networks=networks, services={"web": service})

    spec = deploying.deploy(_program(model), preview=True).one(_SERVICE).inputs["spec"]

    assert spec["Mode"] == {"Global": {}}


@pytest.mark.parametrize(("engine", "warned"), [(20, True), (24, True), (25, False), (None, False)])
def test_a_key_that_the_hosts_engine_drops_without_a_word_is_warned_about(
    tmp_path: pathlib.Path, engine: int | None, warned: bool
) -> None:
    health = "healthcheck: {test: [CMD, check], start_interval: 1s}"
    (tmp_path / "compose.yaml").write_text(f"services: {{web: {{image: nginx, {health}}}}}\n")
    reading = compose_stack.Reading(engine=engine)

    read = compose_stack.read_compose_files("shop", [str(tmp_path / "compose.yaml")], reading=reading)

    assert [notice.key for notice in read.model.warnings] == ["healthcheck.start_interval"] * warned


def test_files_are_read_with_their_ports_and_examples(file: pathlib.Path) -> None:
    read = compose_stack.read_compose_files("shop", [str(file)])

    assert read.example_secrets == {"example"}
    assert compose_stack.list_ports("shop", read.model) == [("shop_web", 80)]


def test_a_file_that_is_not_there_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(errors.ComponentError) as refused:
        compose_stack.read_compose_files("shop", [str(tmp_path / "none.yaml")])

    assert str(refused.value).startswith(f"ComposeStack 'shop': {tmp_path}/none.yaml: ")


def test_one_file_is_given_as_a_list_too() -> None:
    with pytest.raises(errors.InputError) as refused:
        compose_stack.read_compose_files("shop", "compose.yaml")

    assert str(refused.value) == "ComposeStack 'shop': files must be a list of compose files; got 'compose.yaml'."


def test_a_port_that_hosts_need_is_refused(file: pathlib.Path) -> None:
    file.write_text(_FILE.replace("80:8080", "22:22"))

    with pytest.raises(errors.ComponentError) as refused:
        compose_stack.read_compose_files("shop", [str(file)])

    assert str(refused.value) == (
        "ComposeStack 'shop': services.web.ports must be a port from 1 to 65535 that hosts do not need themselves "
        "(22, 2377, 4789, 7946, 9180); got 22."
    )


def test_a_name_that_no_swarm_takes_is_refused_with_its_file(file: pathlib.Path) -> None:
    file.write_text("services:\n  my.web: {image: nginx:1.27}\n")
    model = compose_stack.read_compose_files("shop", [str(file)]).model

    assert deploying.refusal_of(_program(model)) == (
        f"ComposeStack 'shop': {file}:2: services.my.web must have a name on the swarm of at most 63 characters "
        "(letters, digits, '-' and '_', a letter or digit first and last); got 'shop_my.web'."
    )


def test_the_other_images_are_pushed_after_the_first(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:bookworm-slim\n")
    build = compose.Build(context=tmp_path, dockerfile="Dockerfile", args={}, target="")
    names = ("api", "store", "web")
    model = building.make_model(
        services={name: building.make_service("") for name in names}, builds=dict.fromkeys(names, build)
    )

    deployed = deploying.deploy(lambda: _create_stack(model, {"registry": building.create_registry()}))

    pushes = deployed.all("docker:index/registryImage:RegistryImage")
    assert ["shop-api-push" in push.depends_on for push in pushes] == [False, True, True]


def test_a_build_without_a_registry_is_refused(tmp_path: pathlib.Path) -> None:
    assert deploying.refusal_of(_program(_built_model(tmp_path))) == (
        "ComposeStack 'shop': registry must be given, since ['web'] are built here; got nothing."
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"cluster": "swarm"}, "cluster must be a SwarmCluster; got 'swarm'."),
        ({"model": "compose.yaml"}, "model must be what read_compose_files gives; got 'compose.yaml'."),
        ({"registry": "r"}, "registry must be a PrivateRegistry; got 'r'."),
        ({"secrets": "x"}, "secrets must be a mapping of names to values; got 'x'."),
        ({"secrets": {"other": "x"}}, "secrets must be among the file's secrets []; got ['other']."),
        ({"file": "x"}, "every input must be one of cluster, model, registry, secrets; got 'file'."),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    assert deploying.refusal_of(_program(building.make_model(), **change)) == f"ComposeStack 'shop': {refusal}"


_ORDERED = """
version: "3.9"
services:
  web:
    image: nginx:1.27
    environment: {A: "1", B: "2"}
    ports: ["80:8080", "81:8081"]
    volumes: ["data:/data", "/srv:/srv:ro"]
    networks: {back: {aliases: [a, b]}, front: {}}
    cap_add: [NET_ADMIN, SYS_TIME]
    extra_hosts: ["a:1.1.1.1", "b:2.2.2.2"]
    ulimits: {nofile: 5, nproc: 6}
    deploy: {placement: {constraints: [node.role==worker, node.labels.a==b]}, replicas: 1}
networks: {back: {}, front: {}}
volumes: {data: {}}
"""
_SHUFFLED = """
version: "3.9"
volumes: {data: {}}
networks: {front: {}, back: {}}
services:
  web:
    deploy: {placement: {constraints: [node.labels.a==b, node.role==worker]}}
    ulimits: {nproc: 6, nofile: {hard: 5, soft: 5}}
    extra_hosts: {b: 2.2.2.2, a: 1.1.1.1}
    cap_add: [SYS_TIME, NET_ADMIN]
    networks: {front: {}, back: {aliases: [b, a]}}
    volumes:
      - {type: bind, source: /srv, target: /srv, read_only: true}
      - {type: volume, source: data, target: /data}
    ports:
      - {target: 8081, published: 81}
      - {target: 8080, published: 80, protocol: tcp, mode: ingress}
    environment: ["B=2", "A=1"]
    image: nginx:1.27
"""


def _inputs_of(file: pathlib.Path, text: str) -> dict[str, Any]:
    file.write_text(text)
    model = compose_stack.read_compose_files("shop", [str(file)]).model
    return deploying.deploy(_program(model)).one(_SERVICE).inputs


def test_a_file_that_only_looks_different_changes_nothing(tmp_path: pathlib.Path) -> None:
    before = _inputs_of(tmp_path / "compose.yaml", _ORDERED)
    after = _inputs_of(tmp_path / "compose.yaml", _SHUFFLED)

    assert specs.changed(before["spec"], after["spec"], "spec") == {}


def test_an_edit_is_named_by_its_path(tmp_path: pathlib.Path) -> None:
    before = _inputs_of(tmp_path / "compose.yaml", _ORDERED)
    edited = _SHUFFLED.replace("nginx:1.27", "nginx:1.28").replace("B=2", "B=3").replace("soft: 5", "soft: 4")

    after = _inputs_of(tmp_path / "compose.yaml", edited)

    assert sorted(specs.changed(before["spec"], after["spec"], "spec")) == [
        'spec.Labels["com.docker.stack.image"]',
        "spec.TaskTemplate.ContainerSpec.Env[1]",
        "spec.TaskTemplate.ContainerSpec.Image",
        "spec.TaskTemplate.ContainerSpec.Ulimits[0].Soft",
    ]
