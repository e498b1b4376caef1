"""The kit over gRPC, as the engine speaks to it."""

import pathlib
import subprocess
import sys
from collections.abc import Iterator

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, status_pb2

from providers.kit import wire
from tests import waiting
from tests.provider.plugin_client import PluginClient, run_plugin

ECHO = "echo:index:Echo"
SECRET_KEY = "4dabf18193072939515e22adb298388d"


@pytest.fixture(scope="module")
def echo() -> Iterator[PluginClient]:
    with run_plugin(pathlib.Path(__file__).with_name("echo_plugin.py")) as client:
        yield client


def test_check_fills_defaults(echo: PluginClient) -> None:
    inputs, failures = echo.check(ECHO, {"text": "a"})

    assert failures == {}
    assert inputs == {"text": "a", "times": 1}


@pytest.mark.parametrize(
    ("inputs", "failure"),
    [
        ({}, {"text": "'text' is required and is not given"}),
        ({"text": 3}, {"text": "'text' must be of type string; got 3"}),
        (
            {"text": "a", "txt": "b"},
            {"txt": "expected one of text, place, times, password, nested; got 'txt'"},
        ),
        ({"text": "a", "password": 7}, {"password": "'password' must be of type string; got a secret of another type"}),
    ],
)
def test_check_refuses_in_one_sentence(echo: PluginClient, inputs: dict[str, str], failure: dict[str, str]) -> None:
    assert echo.check(ECHO, inputs)[1] == failure


def test_an_unknown_input_passes_every_check(echo: PluginClient) -> None:
    inputs, failures = echo.check(ECHO, {"text": wire.UNKNOWN_STRING, "times": wire.UNKNOWN_STRING})

    assert failures == {}
    assert inputs == {"text": wire.UNKNOWN_STRING, "times": wire.UNKNOWN_STRING}


def test_a_preview_gives_unknown_outputs_and_makes_nothing(echo: PluginClient) -> None:
    resource_id, state = echo.create(ECHO, {"text": "preview", "times": 1}, preview=True)

    assert resource_id == ""
    assert state["said"] == wire.UNKNOWN_STRING
    assert echo.read(ECHO, "e-1", {})[0] == ""


def test_secret_inputs_and_outputs_are_marked(echo: PluginClient) -> None:
    _, state = echo.create(ECHO, {"text": "a", "times": 2, "password": "p"})

    assert state["said"] == "aa"
    assert SECRET_KEY in state["key"]
    assert SECRET_KEY in state["password"]
    echo.delete(ECHO, "e-1", state)


def test_a_gone_resource_reads_as_an_empty_id(echo: PluginClient) -> None:
    assert echo.read(ECHO, "never", {}) == ("", {})


def test_the_diff_names_paths_and_replacements(echo: PluginClient) -> None:
    old = {"text": "a", "place": "x", "nested": {"list": [1, 2], "a.b": 1}}
    new = {"text": "a", "place": "y", "nested": {"list": [1, 3], "a.b": 2}}

    answer = echo.diff(ECHO, "e-1", old, new)

    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert set(answer.detailedDiff) == {"place", "nested.list[1]", 'nested["a.b"]'}
    assert list(answer.replaces) == ["place"]


def test_equal_values_show_no_change(echo: PluginClient) -> None:
    same = {"text": "a", "times": 1, "nested": {"a": [1, None, {"b": True}]}}

    assert echo.diff(ECHO, "e-1", same, same).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_refusal_arrives_as_its_sentence_alone(echo: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo.create(ECHO, {"text": "refuse", "times": 1})

    assert caught.value.details() == "The echo refused to be made."


def test_a_bug_keeps_its_traceback(echo: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo.create(ECHO, {"text": "bug", "times": 1})

    assert "boom" in caught.value.details()
    assert "echo_plugin.py" in caught.value.details()


def _detail_of(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    metadata = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail


def test_a_resource_found_sick_keeps_its_state_and_inputs(echo: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo.read(ECHO, "e-1", {"text": "sick"})

    detail = _detail_of(caught.value)
    assert (detail.id, list(detail.reasons)) == ("e-1", ["The echo is sick."])
    assert detail.properties["text"] == detail.inputs["text"] == "sick"
    assert SECRET_KEY in detail.inputs["password"]


def test_a_half_made_resource_keeps_its_id_and_state(echo: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo.create(ECHO, {"text": "half", "times": 1, "password": "p"})

    detail = _detail_of(caught.value)
    assert detail.id == "e-1"
    assert list(detail.reasons) == ["The echo is only half there."]
    assert detail.properties["said"] == "ha"
    assert SECRET_KEY in detail.properties["password"]


def test_an_uncovered_type_is_refused_by_name(echo: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo.create("echo:index:Nothing", {})

    assert caught.value.details() == "The provider has no resource type 'echo:index:Nothing'."


def _shout(echo: PluginClient, token: str, text: str) -> dict[str, str]:
    request = provider_pb2.InvokeRequest(tok=token)
    request.args.update({"text": text})
    return dict(getattr(echo.stub.Invoke(request), "return"))


def test_a_function_answers(echo: PluginClient) -> None:
    assert _shout(echo, "echo:index:shout", "a") == {"text": "A"}


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("echo:index:shout", "The echo has nothing to shout."),
        ("echo:index:whisper", "The provider has no function 'echo:index:whisper'."),
    ],
)
def test_a_refused_function_arrives_as_its_sentence_alone(echo: PluginClient, token: str, told: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        _shout(echo, token, "")

    assert caught.value.details() == told


def test_a_plugin_ends_when_its_engine_was_killed() -> None:
    script = pathlib.Path(__file__).with_name("echo_plugin.py")
    # The shell stands for the engine: it starts the plugin, tells its process id and is killed.
    engine = subprocess.Popen(
        ["sh", "-c", f"{sys.executable} {script} '' & echo $!; wait"], stdout=subprocess.PIPE, text=True
    )
    assert engine.stdout is not None
    plugin, _port = int(engine.stdout.readline()), engine.stdout.readline()

    engine.kill()
    engine.wait()

    waiting.wait_for(lambda: not pathlib.Path(f"/proc/{plugin}").exists(), 30, "the plugin ended")
