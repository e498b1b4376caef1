"""Log lines reach the engine in the order in which they were said, and before the operation ends."""

import asyncio
import concurrent.futures
import contextlib
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc

from providers.kit import engine_log
from tests.doubles import virtual_time
from tests.provider.plugin_client import run_command

ECHO = "echo:index:Echo"


class _Stub:
    """Takes the longer for a line the shorter it is; says nothing to a line that is empty."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def Log(self, request: Any) -> None:
        if request.message == "":
            await asyncio.Event().wait()
        await asyncio.sleep(1 / len(request.message))
        self.shown.append(request.message)


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.shown: list[str] = []

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.shown.append(request.message)
        return empty_pb2.Empty()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> _Stub:
    made = _Stub()
    monkeypatch.setattr(grpc.aio, "insecure_channel", lambda _address: None)
    monkeypatch.setattr(engine_pb2_grpc, "EngineStub", lambda _channel: made)
    return made


@contextlib.contextmanager
def serving(engine: _Engine) -> Iterator[str]:
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def test_lines_arrive_in_their_order_and_before_the_flush_is_over(stub: _Stub) -> None:
    async def main() -> None:
        log = engine_log.EngineLog("engine")
        log.tell("urn", "one")
        log.progress("urn", "and two")
        log.warn("urn", "and at last three")
        await log.flush()

    virtual_time.run(main())

    assert stub.shown == ["one", "and two", "and at last three"]


def test_an_engine_that_takes_no_line_delays_an_operation_for_a_moment_only(stub: _Stub) -> None:
    async def main() -> float:
        log = engine_log.EngineLog("engine")
        log.tell("urn", "")
        started = asyncio.get_running_loop().time()
        await log.flush()
        return asyncio.get_running_loop().time() - started

    assert virtual_time.run(main()) == pytest.approx(1, abs=0.1)


def test_there_is_nothing_to_flush_without_an_engine() -> None:
    async def main() -> None:
        log = engine_log.EngineLog("")
        log.tell("urn", "unheard")
        await log.flush()

    virtual_time.run(main())


def test_all_that_an_operation_said_is_shown_when_it_ends() -> None:
    engine = _Engine()
    script = pathlib.Path(__file__).with_name("echo_plugin.py")
    with serving(engine) as address, run_command([sys.executable, str(script), address]) as echo:
        with pytest.raises(grpc.RpcError, match="lost its voice"):
            echo.create(ECHO, {"text": "hoarse", "times": 3})

        assert engine.shown == ["hoarse 0", "hoarse 1", "hoarse 2"]
