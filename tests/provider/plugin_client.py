"""Starts a plugin as the engine does and speaks gRPC to it."""

import contextlib
import pathlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc


class PluginClient:
    """A provider over gRPC, in plain dicts."""

    def __init__(self, stub: provider_pb2_grpc.ResourceProviderStub) -> None:
        self.stub = stub

    def check(self, token: str, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Gives the checked inputs and the failures by property."""
        answer = self.stub.Check(provider_pb2.CheckRequest(urn=make_urn(token), news=_struct(inputs)))
        return _plain(answer.inputs), {failure.property: failure.reason for failure in answer.failures}

    def create(self, token: str, inputs: dict[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        """Gives the id and the state."""
        request = provider_pb2.CreateRequest(urn=make_urn(token), properties=_struct(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, _plain(answer.properties)

    def diff(self, token: str, resource_id: str, state: dict[str, Any], inputs: dict[str, Any]) -> Any:
        """Gives the DiffResponse."""
        return self.stub.Diff(
            provider_pb2.DiffRequest(urn=make_urn(token), id=resource_id, olds=_struct(state), news=_struct(inputs))
        )

    def read(self, token: str, resource_id: str, state: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Gives the id, empty when the resource is gone, and the state."""
        request = provider_pb2.ReadRequest(urn=make_urn(token), id=resource_id, properties=_struct(state))
        answer = self.stub.Read(request)
        return answer.id, _plain(answer.properties)

    def update(
        self, token: str, resource_id: str, state: dict[str, Any], inputs: dict[str, Any], *, preview: bool = False
    ) -> dict[str, Any]:
        """Gives the new state."""
        request = provider_pb2.UpdateRequest(
            urn=make_urn(token), id=resource_id, olds=_struct(state), news=_struct(inputs), preview=preview
        )
        return _plain(self.stub.Update(request).properties)

    def delete(self, token: str, resource_id: str, state: dict[str, Any]) -> None:
        """Deletes the resource."""
        self.stub.Delete(provider_pb2.DeleteRequest(urn=make_urn(token), id=resource_id, properties=_struct(state)))

    def configure(self, arguments: dict[str, Any]) -> Any:
        """Configures the provider; gives the ConfigureResponse."""
        return self.stub.Configure(provider_pb2.ConfigureRequest(args=_struct(arguments)))


def make_urn(token: str) -> str:
    """Makes the URN of a resource called `it`."""
    return f"urn:pulumi:test::project::{token}::it"


def _struct(values: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    return dict(json_format.MessageToDict(struct))


def run_plugin(
    script: pathlib.Path, environment: dict[str, str] | None = None
) -> contextlib.AbstractContextManager[PluginClient]:
    """Runs a plugin that is a Python script and yields a client."""
    return run_command([sys.executable, str(script), ""], environment)


@contextlib.contextmanager
def run_command(command: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[PluginClient]:
    """Runs a plugin and yields a client; ends the process by its own handle."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield PluginClient(provider_pb2_grpc.ResourceProviderStub(channel))
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()
