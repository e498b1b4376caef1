"""Whether the way in to the hosts answers."""

import asyncio
import dataclasses
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.doubles import memory_swarm, virtual_time
from tests.unit.tools.test_recorded import ACCESS
from tools import reaching, recorded

DIRECT = recorded.make_way({"access": {**ACCESS, "jumpAddress": ""}, "operatorKey": "key"})


def _run(asked: Coroutine[Any, Any, str]) -> str:
    # Not asyncio.run: it takes away the thread's event loop, which later tests read settings with.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(asked)


async def _greet(words: bytes, seconds: float = 5.0) -> str:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        return await reaching.greet("127.0.0.1", server.sockets[0].getsockname()[1], seconds)


def test_a_server_that_greets_answers() -> None:
    assert _run(_greet(b"SSH-2.0-OpenSSH_9.2\r\n")) == ""


def test_a_connection_that_is_closed_without_a_word_is_no_answer() -> None:
    assert _run(_greet(b"")) == "the connection was closed without a word"


def test_a_server_that_keeps_silent_is_not_waited_for_long() -> None:
    async def main() -> str:
        server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        async with server:
            return await reaching.greet("127.0.0.1", server.sockets[0].getsockname()[1], 0.05)

    assert _run(main()) == "no answer within 0.05 s"


def test_a_refused_connection_is_told_in_its_own_words() -> None:
    assert "onnect" in _run(reaching.greet("127.0.0.1", 1, 5.0))


def test_without_a_jump_host_one_host_that_answers_is_enough() -> None:
    machines = memory_swarm.Machines("manager-0", "worker-0")
    machines.kill("manager-0")

    assert virtual_time.run(reaching.find_trouble(machines, DIRECT, ["manager-0", "worker-0"])) == ""


def test_without_a_jump_host_all_hosts_silent_is_a_way_that_is_shut() -> None:
    machines = memory_swarm.Machines("manager-0", "worker-0")
    machines.kill("manager-0")
    machines.kill("worker-0")

    trouble = virtual_time.run(reaching.find_trouble(machines, DIRECT, ["manager-0", "worker-0"]))

    assert trouble == "No host answers (Host 'manager-0' cannot be reached over SSH: no answer)"


@pytest.mark.parametrize(
    ("said", "trouble"), [("", ""), ("no answer", "The jump host at 127.0.0.2:22 does not answer (no answer)")]
)
def test_a_jump_host_is_asked_alone(said: str, trouble: str) -> None:
    way = dataclasses.replace(DIRECT, jump_host="127.0.0.2")
    asked: list[tuple[str, int]] = []

    async def greet(address: str, port: int) -> str:
        asked.append((address, port))
        return said

    assert virtual_time.run(reaching.find_trouble(memory_swarm.Machines(), way, ["m"], greet)) == trouble
    assert asked == [("127.0.0.2", 22)]
