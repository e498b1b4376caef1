"""Stacks on a real engine, first made by `docker stack deploy` or by us: what restarts and what does not."""

import os
import pathlib
import subprocess
from collections.abc import Iterator

import pytest

from providers import kit
from tests import waiting
from tests.sandbox.compose import applying, real_engine, real_hosts

_IMAGE = real_engine.find_image()
pytestmark = pytest.mark.skipif(_IMAGE is None, reason="needs an engine and the image of the sandbox's nodes")

_FILE = """
version: "3.8"
services:
  web:
    image: box:1
    command: [sleep, "1000"]
    environment: {ZONE: b, ACCENT: a}
    configs: [motd, {source: extra, target: /etc/extra, mode: 256}]
    secrets: [password]
    networks: [back, default]
    hostname: "{{.Service.Name}}"
    extra_hosts: ["z:10.0.0.1", "a:10.0.0.2"]
    stop_grace_period: 1s
    healthcheck: {test: "true", interval: 1s}
    deploy: {replicas: 2, update_config: {order: start-first}, labels: {a: b}}
  plain:
    image: box:1
    stop_grace_period: 1s
networks:
  back: {attachable: true}
configs:
  motd: {file: ./motd}
  extra: {file: ./extra}
secrets:
  password: {file: ./password}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[real_engine.RealEngine]:
    with real_engine.RealEngine(str(_IMAGE)) as started:
        started.activate()
        yield started


@pytest.fixture
def world(engine: real_engine.RealEngine) -> Iterator[applying.World]:
    yield applying.World(engine)
    engine.remove_stack("shop")


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ("motd", "extra", "password"):
        (tmp_path / name).write_text(f"{name} 1\n")
    return _write(tmp_path, _FILE)


def _write(folder: pathlib.Path, text: str) -> pathlib.Path:
    (folder / "compose.yaml").write_text(text)
    return folder / "compose.yaml"


def _deploy(engine: real_engine.RealEngine, file: pathlib.Path, tasks: int) -> None:
    command = [str(real_engine.CLIENT), "stack", "deploy", "--detach=true", "--resolve-image", "never", "-c", str(file)]
    environment = {"HOME": "/home/somebody", "PATH": os.defpath, "DOCKER_HOST": engine.address}
    subprocess.run([*command, "shop"], env=environment, capture_output=True, check=True)
    waiting.wait_for(lambda: len(_running(engine)) == tasks, 60, f"{tasks} tasks run")


def _running(engine: real_engine.RealEngine) -> dict[str, str]:
    """Maps the tasks that run to their services."""
    services = {one["ID"]: one["Spec"]["Name"] for one in engine.get("/services")}
    wanted = set(real_hosts.list_task_ids(engine, "shop"))
    return {
        task["ID"]: services[task["ServiceID"]]
        for task in engine.get("/tasks")
        if task["ID"] in wanted and task["Status"]["State"] == "running" and task["ServiceID"] in services
    }


def _of(tasks: dict[str, str], service: str) -> set[str]:
    return {task for task, name in tasks.items() if name == service}


def _names(engine: real_engine.RealEngine, kind: str) -> list[str]:
    found = [one for one in engine.get(f"/{kind}") if one.get("Scope", "swarm") == "swarm"]
    names = sorted(str(one.get("Name") or one["Spec"]["Name"]) for one in found)
    return [name for name in names if name.startswith("shop_")]


def test_a_stack_of_docker_is_adopted_and_no_task_starts_anew(world: applying.World, file: pathlib.Path) -> None:
    _deploy(world.engine, file, 3)
    before = _running(world.engine)

    world.preview(file, "shop")
    told = sorted(world.told)
    world.up(file, "shop")

    assert _running(world.engine) == before
    assert told == [
        f"Service 'shop_{name}' is there already and is taken over as it is; no task starts anew."
        for name in ("plain", "web")
    ]
    assert _names(world.engine, "configs") == ["shop_extra", "shop_motd"]
    assert _names(world.engine, "secrets") == ["shop_password"]


def test_what_is_adopted_does_not_change_afterwards(world: applying.World, file: pathlib.Path) -> None:
    _deploy(world.engine, file, 3)
    world.up(file, "shop")

    world.up(file, "shop")

    assert world.did == []


def test_what_differs_is_told_and_changed_and_the_rest_stays(world: applying.World, file: pathlib.Path) -> None:
    _deploy(world.engine, file, 3)
    before = _running(world.engine)
    _write(file.parent, _FILE.replace("ZONE: b", "ZONE: c"))

    world.preview(file, "shop")
    told = sorted(world.told)
    world.up(file, "shop")

    after = _running(world.engine)
    assert told[1] == (
        "Service 'shop_web' is there already and is taken over; its tasks start anew. What changes:\n"
        "  TaskTemplate.ContainerSpec.Env[ZONE]: 'ZONE=b' -> 'ZONE=c'"
    )
    assert _of(after, "shop_plain") == _of(before, "shop_plain")
    assert not _of(after, "shop_web") & _of(before, "shop_web")


@pytest.mark.parametrize("adopted", [True, False])
def test_a_changed_file_rolls_the_services_that_mount_it(
    world: applying.World, file: pathlib.Path, adopted: bool
) -> None:
    if adopted:
        _deploy(world.engine, file, 3)
    world.up(file, "shop")
    before = _running(world.engine)
    (file.parent / "motd").write_text("motd 2\n")

    world.up(file, "shop")

    after = _running(world.engine)
    assert _of(after, "shop_plain") == _of(before, "shop_plain")
    assert len(_of(after, "shop_web") - _of(before, "shop_web")) == 2
    configs = _names(world.engine, "configs")
    assert len(configs) == 2
    assert "shop_motd" not in configs


@pytest.mark.parametrize("changed", ["motd", "password"])
def test_adoption_with_other_content_leaves_no_old_object(
    world: applying.World, file: pathlib.Path, changed: str
) -> None:
    _deploy(world.engine, file, 3)
    before = _running(world.engine)
    (file.parent / changed).write_text("other\n")

    world.up(file, "shop")

    after = _running(world.engine)
    assert _of(after, "shop_plain") == _of(before, "shop_plain")
    assert not _of(after, "shop_web") & _of(before, "shop_web")
    names = [*_names(world.engine, "configs"), *_names(world.engine, "secrets")]
    assert len(names) == 3
    assert f"shop_{changed}" not in names


def test_changed_network_options_move_services_in_place(world: applying.World, file: pathlib.Path) -> None:
    world.up(file, "shop")
    before, services = _running(world.engine), _names(world.engine, "services")
    ids = {one["ID"] for one in world.engine.get("/services")}
    _write(file.parent, _FILE.replace("attachable: true", "internal: true"))

    world.up(file, "shop")

    after = _running(world.engine)
    assert ids == {one["ID"] for one in world.engine.get("/services")}
    assert services == _names(world.engine, "services")
    assert _of(after, "shop_plain") == _of(before, "shop_plain")
    assert not _of(after, "shop_web") & _of(before, "shop_web")
    (moved,) = [name for name in _names(world.engine, "networks") if name.startswith("shop_back")]
    assert moved.startswith("shop_back-")


def test_a_network_of_docker_with_other_options_goes_after_the_move(world: applying.World, file: pathlib.Path) -> None:
    _deploy(world.engine, file, 3)
    _write(file.parent, _FILE.replace("attachable: true", "internal: true"))

    world.up(file, "shop")

    assert [name.startswith("shop_back-") for name in _names(world.engine, "networks")] == [True, False]


def test_what_the_file_no_longer_has_goes(world: applying.World, file: pathlib.Path) -> None:
    world.up(file, "shop")
    before = _running(world.engine)
    _write(file.parent, 'version: "3.8"\nservices: {plain: {image: "box:1", stop_grace_period: 1s}}\n')

    world.up(file, "shop")

    assert _running(world.engine) == {task: name for task, name in before.items() if name == "shop_plain"}
    assert [_names(world.engine, kind) for kind in ("services", "networks", "configs", "secrets")] == [
        ["shop_plain"],
        ["shop_default"],
        [],
        [],
    ]


_EXTERNAL = """
version: "3.8"
services:
  web:
    image: box:1
    stop_grace_period: 1s
    configs: [given]
    secrets: [hidden]
    networks: [outside, hosts]
networks: {outside: {external: true, name: outside}, hosts: {external: true, name: host}}
configs: {given: {external: true, name: given}}
secrets: {hidden: {external: true, name: hidden}}
"""


def test_external_objects_are_looked_up(world: applying.World, tmp_path: pathlib.Path) -> None:
    file = _write(tmp_path, _EXTERNAL.replace("[outside, hosts]", "[outside]"))
    with pytest.raises(kit.ResourceError) as caught:
        world.preview(file, "shop")
    world.engine.post("/networks/create", {"Name": "outside", "Driver": "overlay"})
    world.engine.post("/configs/create", {"Name": "given", "Data": "eA=="})
    world.engine.post("/secrets/create", {"Name": "hidden", "Data": "eA=="})

    world.up(file, "shop")
    world.up(file, "shop")

    assert str(caught.value) == (
        "Service 'shop_web' needs config 'given' and network 'outside' and secret 'hidden', which the swarm does not "
        "have; create it before."
    )
    assert len(_running(world.engine)) == 1
    assert world.did == []


def test_the_network_of_the_host_is_found(world: applying.World, tmp_path: pathlib.Path) -> None:
    text = 'services: {web: {image: "box:1", stop_grace_period: 1s, networks: [hosts]}}\n'
    file = _write(tmp_path, f'version: "3.8"\n{text}networks: {{hosts: {{external: true, name: host}}}}\n')

    world.up(file, "shop")

    assert len(_running(world.engine)) == 1


_JOB = """
services:
  migrate:
    image: box:1
    command: [sh, -c, "echo creating tables; echo no such host >&2; exit {status}"]
    deploy: {{mode: replicated-job, restart_policy: {{condition: none}}}}
  web:
    image: box:1
    stop_grace_period: 1s
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
"""


def test_a_job_runs_to_its_end_before_what_depends_on_it(world: applying.World, tmp_path: pathlib.Path) -> None:
    file = _write(tmp_path, _JOB.format(status=0))
    world.up(file, "shop")
    jobs = [task["ID"] for task in world.engine.get("/tasks") if task.get("JobIteration") is not None]

    world.up(file, "shop")

    assert jobs == [task["ID"] for task in world.engine.get("/tasks") if task.get("JobIteration") is not None]
    assert list(_running(world.engine).values()) == ["shop_web"]


def test_a_failed_job_fails_the_up_with_the_end_of_its_log(world: applying.World, tmp_path: pathlib.Path) -> None:
    file = _write(tmp_path, _JOB.format(status=3))

    with pytest.raises(kit.InitializationFailed) as caught:
        world.up(file, "shop")

    told = str(caught.value).splitlines()
    assert told[0].startswith("Service 'shop_migrate' failed: 0 of 1 tasks of the job are complete; its tasks say: ")
    assert told[1] == "Its log ends with:"
    assert sorted(told[2:]) == ["  creating tables", "  no such host"]
    assert _names(world.engine, "services") == ["shop_migrate"]
