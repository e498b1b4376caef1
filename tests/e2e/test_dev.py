"""The main job, end to end on the real engine: one environment from `make up` to `make down`.

The tests share the environment and run in the order in which they stand: each leaves it as the settings say.
"""

import json
import urllib.request

from tests.e2e import environment, mishaps
from tests.e2e.environment import Environment
from tools import audit

LOST = "requests were lost"


def test_up_ends_with_nodes_services_and_an_address_that_answers(dev: Environment) -> None:
    told = dev.make("up")

    assert "manager-0-" in told
    assert "shop_web" in told
    assert f"http://{dev.address}" in told
    assert dev.make("url").strip() == f"http://{dev.address}"
    assert urllib.request.urlopen(f"http://{dev.address}/", timeout=10).status == 200


def test_the_outputs_are_plain(dev: Environment) -> None:
    outputs = dev.outputs

    assert outputs["ingress"] == {"shop_edge:80": f"http://{dev.address}"}
    assert [(node["role"], node["zone"]) for node in outputs["nodes"]] == [("manager", ""), *[("worker", "")] * 2]
    assert set(outputs["stacks"]["shop"]) == {"api", "edge", "store", "web"}
    assert outputs["ssh"].startswith("ssh")
    assert outputs["registry"] in outputs["stacks"]["shop"]["web"]


def test_the_swarm_is_what_the_outputs_say(dev: Environment) -> None:
    nodes = {node["Hostname"]: (node["Status"], node["Availability"]) for node in dev.swarm("node", "ls")}
    images = {task["Image"] for task in dev.tasks("shop_web")}

    assert nodes == {node["name"]: ("Ready", "Active") for node in dev.outputs["nodes"]}
    assert images == {dev.outputs["stacks"]["shop"]["web"]}


def test_the_page_names_the_digest_that_answered(dev: Environment) -> None:
    answer = json.load(urllib.request.urlopen(f"http://{dev.address}/where", timeout=10))

    assert answer["digest"] in dev.outputs["stacks"]["shop"]["web"]


def test_a_second_up_changes_nothing(dev: Environment) -> None:
    dev.up("--expect-no-changes")


def test_status_shows_the_same_in_json(dev: Environment) -> None:
    told = dev.make("status", "JSON=1")

    assert "manager-0-" in told[told.index("{") :]


def test_the_hosts_break_the_rules_of_the_benchmark_that_are_accepted_and_no_other(dev: Environment) -> None:
    told = dev.make("audit", "JSON=1")
    rules = json.JSONDecoder().raw_decode(told[told.index("{") :])[0]["rules"]

    accepted = {rule for one in audit.read_accepted("sandbox") for rule in one.rules}
    assert {rule["rule"] for rule in rules if rule["failures"]} == accepted
    assert [rule for rule in rules if rule["result"] == "fail"] == []


def test_no_secret_stands_in_the_state_or_the_output(dev: Environment) -> None:
    key = dev.pulumi("stack", "output", "operatorKey", "--show-secrets").splitlines()[1]

    stored = [path for path in dev.state.rglob("*") if path.is_file() and key in path.read_text(errors="replace")]

    assert stored == []


def test_the_preview_of_one_edit_names_the_service_and_the_path(dev: Environment) -> None:
    dev.edit("apps/shop/compose.yaml", lambda text: text.replace("DRAIN_SECONDS=5", "DRAIN_SECONDS=6", 1))

    assert dev.changes() == {"shop-web": {"op": "update", "paths": ["spec.TaskTemplate.ContainerSpec.Env[0]"]}}


def test_an_edit_rolls_out_without_a_lost_request(dev: Environment) -> None:
    others = {task["ID"] for task in dev.tasks("shop_api")}

    with dev.load() as tally:
        dev.up()

    assert tally.failures == [], LOST
    assert tally.requests > 500
    assert {task["ID"] for task in dev.tasks("shop_api")} == others


def test_an_sshd_that_restarts_in_the_middle_costs_neither_the_up_nor_a_request(dev: Environment) -> None:
    dev.edit("apps/shop/compose.yaml", lambda text: text.replace("DRAIN_SECONDS=6", "DRAIN_SECONDS=5", 1))

    with dev.load() as tally, dev.running_up() as run:
        run.await_told("tasks run the wanted spec")
        mishaps.restart_sshd(dev)
        code, told = run.finish()

    assert tally.failures == [], LOST
    assert code == 0, told


def test_a_digest_that_is_not_there_fails_the_up_and_costs_no_request(dev: Environment) -> None:
    with dev.load() as tally:
        with mishaps.missing_digest(dev) as image:
            told = dev.up(check=False)
        dev.up()

    assert tally.failures == [], LOST
    assert f"No such image: {image}" in told
    assert "could not pull it: manifest for" in told


def test_workers_come_and_go_without_a_lost_request(dev: Environment) -> None:
    with dev.load() as tally:
        dev.configure(workers=3)
        dev.up()
        grown = {node["Hostname"] for node in dev.swarm("node", "ls")}
        dev.configure(workers=2)
        dev.up()

    assert tally.failures == [], LOST
    assert len(grown) == 4
    assert len(dev.swarm("node", "ls")) == 3


def test_a_lost_machine_is_found_by_refresh_and_made_anew(dev: Environment) -> None:
    lost = next(node["name"] for node in dev.outputs["nodes"] if node["name"].startswith("worker-1-"))
    environment.docker("kill", f"{dev.prefix}-{lost}")

    told = dev.make("refresh")
    dev.make("up")

    assert lost in told
    nodes = [(node["Hostname"], node["Status"]) for node in dev.swarm("node", "ls")]
    assert sorted(nodes) == sorted((node["name"], "Ready") for node in dev.outputs["nodes"])


def test_drift_by_hand_is_seen_and_mended(dev: Environment) -> None:
    dev.swarm_do("service", "scale", "shop_web=3")

    dev.make("refresh")

    assert dev.changes() == {"shop-web": {"op": "update", "paths": ["spec.Mode.Replicated.Replicas"]}}
    dev.make("up")
    assert len(dev.tasks("shop_web")) == 2


def test_a_killed_up_goes_on_where_it_was(dev: Environment) -> None:
    dev.configure(workers=3)
    dev.kill_up(seconds=6)

    dev.make("up")

    nodes = [(node["Hostname"], node["Status"]) for node in dev.swarm("node", "ls")]
    assert sorted(nodes) == sorted((node["name"], "Ready") for node in dev.outputs["nodes"])
    assert len(nodes) == 4
    dev.up("--expect-no-changes")


def test_a_wrong_setting_is_refused_in_one_sentence_and_changes_nothing(dev: Environment) -> None:
    dev.configure(workerSize="huge")

    told = dev.up(check=False)
    dev.pulumi("config", "rm", "workerSize")

    assert "azure-swarm:workerSize must be an Azure size such as 'Standard_B2als_v2'; got 'huge'." in told
    assert "Traceback" not in told
    dev.up("--expect-no-changes")


def test_a_wrong_key_in_a_compose_file_is_refused_with_file_and_key(dev: Environment) -> None:
    dev.edit("apps/shop/compose.yaml", lambda text: text.replace("    stop_grace_period: 45s", "    stop_grace: 45s"))

    told = dev.up(check=False)
    dev.edit("apps/shop/compose.yaml", lambda text: text.replace("    stop_grace: 45s", "    stop_grace_period: 45s"))

    assert "apps/shop/compose.yaml" in told
    assert "stop_grace" in told
    assert "Traceback" not in told
    dev.up("--expect-no-changes")


def test_down_leaves_nothing(dev: Environment) -> None:
    dev.make("down")

    assert dev.leftovers() == []
    assert dev.prefix not in environment.docker("ps", "--all")
