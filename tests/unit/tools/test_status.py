"""The table that ends `make up`, and how addresses are asked."""

import json
import socket

import pytest

import tools
from tools import status

OUTPUTS = {
    "nodes": [
        {"name": "worker-0-aa", "role": "worker", "privateIp": "10.80.1.6", "zone": "2"},
        {"name": "manager-0-bb", "role": "manager", "privateIp": "10.80.1.5", "zone": None},
    ],
    "stacks": {"shop": {"web": "127.64.0.1/shop-web@sha256:0123456789abcdef0123", "api": "api:1"}},
    "ingress": {"shop_edge:80": "http://127.64.0.2/"},
    "registry": "127.64.0.1",
    "ssh": "ssh azureuser@manager-0-bb",
}
GOOD = status.Answer("200 in 3 ms", True)
BAD = status.Answer("no answer: timed out", False)


def test_the_table_shows_nodes_services_and_addresses() -> None:
    now = status.make_status("dev", OUTPUTS)

    table = status.make_table(now, {"shop_edge:80": GOOD})

    assert table == (
        "NODE          ROLE     ADDRESS    ZONE\n"
        "manager-0-bb  manager  10.80.1.5  -\n"
        "worker-0-aa   worker   10.80.1.6  2\n"
        "\n"
        "SERVICE   IMAGE                DIGEST\n"
        "shop_api  api:1                -\n"
        "shop_web  127.64.0.1/shop-web  sha256:0123456789ab\n"
        "\n"
        "PORT          URL                 ANSWER\n"
        "shop_edge:80  http://127.64.0.2/  200 in 3 ms"
    )


def test_the_json_says_the_same_in_full() -> None:
    now = status.make_status("dev", OUTPUTS)

    read = json.loads(status.make_json(now, {"shop_edge:80": BAD}))

    assert read["services"]["shop_web"] == "127.64.0.1/shop-web@sha256:0123456789abcdef0123"
    assert read["urls"] == [
        {"name": "shop_edge:80", "url": "http://127.64.0.2/", "answer": "no answer: timed out", "succeeded": False}
    ]


@pytest.mark.parametrize("outputs", [None, {}])
def test_a_stack_without_outputs_is_not_up(outputs: dict[str, object] | None) -> None:
    with pytest.raises(tools.ToolError) as caught:
        status.make_status("test", outputs)

    assert str(caught.value) == "Nothing is up on stack test: 'make up' with the same STACK and CLOUD brings it up."


def test_a_stack_without_applications_shows_its_nodes() -> None:
    now = status.make_status("dev", {"nodes": OUTPUTS["nodes"]})

    assert status.make_table(now, {}).count("\n\n") == 0


def test_waiting_ends_with_the_first_answer() -> None:
    answers = iter([BAD, BAD, GOOD])
    pauses: list[float] = []

    answer = status.wait_until_answered("http://a/", 60, lambda url: next(answers), lambda: 0.0, pauses.append)

    assert answer is GOOD
    assert len(pauses) == 2


def test_waiting_ends_with_the_time() -> None:
    clock = iter([0.0, 30.0, 61.0])

    answer = status.wait_until_answered("http://a/", 60, lambda url: BAD, lambda: next(clock), lambda seconds: None)

    assert answer is BAD


def test_an_address_where_nobody_listens_gives_the_reason() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = status.ask(f"http://127.0.0.1:{unused.getsockname()[1]}/")

    assert answer == status.Answer("no answer: [Errno 111] Connection refused", False)
