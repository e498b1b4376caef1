"""Runs a program against mocks, set for that one run, and gives what it registered as it crossed the wire."""

import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest import mock

import pulumi
from pulumi.runtime import config, mocks, resource, rpc

from arm import registrations
from tools import answers

__all__ = ["Deployed", "record"]


@dataclasses.dataclass
class Deployed:
    """What a program registered, what it exported, and the names of the exports that are secret.

    Registrations cross the wire in parallel, so their order says nothing; `depends_on` does.
    """

    resources: list[registrations.Registration]
    outputs: dict[str, Any]
    secret_outputs: set[str]

    def all(self, token: str) -> list[registrations.Registration]:
        """Lists the resources of a type, by name."""
        found = [resource for resource in self.resources if resource.token == token]
        return sorted(found, key=lambda resource: resource.name)

    def names(self, token: str) -> list[str]:
        """Lists the names of the resources of a type."""
        return [resource.name for resource in self.all(token)]

    def one(self, token: str, name: str | None = None) -> registrations.Registration:
        """Gives the one resource of a type, or of a type and a name."""
        found = [resource for resource in self.all(token) if name in (None, resource.name)]
        assert len(found) == 1, f"{len(found)} resources {token} {name}: {self.names(token)}"
        return found[0]


def record(
    program: Callable[[], object],
    *,
    project: str,
    stack: str,
    organization: str = "organization",
    preview: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Deployed:
    """Runs `program` to its end. In a preview the mocks give no computed value, so it is unknown to the program."""
    deployed = Deployed([], {}, set())

    def run() -> None:
        monitor = _Monitor(answers.Answers(preview), deployed.resources)
        config.set_all_config(_name_settings(project, settings or {}))
        mocks.set_mocks(
            monitor.mocks, project=project, stack=stack, preview=preview, monitor=monitor, organization=organization
        )
        with _without_version_aliases():
            mocks.test(lambda: _run_and_read(program, deployed))()  # type: ignore[no-untyped-call]

    # A context of its own: mocks, settings and the root resource do not reach the next run.
    contextvars.Context().run(run)
    return deployed


def _name_settings(project: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Gives settings their namespace: the project's, where they have none."""
    return {key if ":" in key else f"{project}:{key}": value for key, value in settings.items()}


@contextlib.contextmanager
def _without_version_aliases() -> Iterator[None]:
    """Leaves out the aliases by which azure-native knows a resource in each of sixty API versions.

    The SDK makes tasks of every one; without them a program runs in a fifth of the time, and nothing recorded differs.
    """
    with mock.patch("pulumi.resource.collapse_alias_to_urn", return_value=""):
        with mock.patch("pulumi.runtime.resource.prepare_aliases", _prepare_own_aliases):
            yield


_prepare_aliases = resource.prepare_aliases


async def _prepare_own_aliases(one: pulumi.Resource, options: pulumi.ResourceOptions | None, _: bool) -> list[Any]:
    given = (options.aliases if options else None) or []
    own = [alias for alias in given if not str(getattr(alias, "type_", "")).startswith(registrations.AZURE)]
    return list(await _prepare_aliases(one, pulumi.ResourceOptions(aliases=own), True)) if own else []


def _run_and_read(program: Callable[[], object], deployed: Deployed) -> pulumi.Output[Any]:
    program()
    root = pulumi.runtime.settings.get_root_resource()
    assert isinstance(root, pulumi.runtime.stack.Stack)
    exports = {name: pulumi.Output.from_input(value) for name, value in root.outputs.items()}
    return pulumi.Output.all(*(_read(name, value, deployed) for name, value in exports.items()))


def _read(name: str, output: pulumi.Output[Any], deployed: Deployed) -> pulumi.Output[None]:
    async def keep() -> None:
        if await output.is_secret():
            deployed.secret_outputs.add(name)
        deployed.outputs[name] = await output.future()

    return pulumi.Output.from_input(keep())


class _Monitor(mocks.MockMonitor):
    """Keeps every registration before the mocks answer it."""

    def __init__(self, given: mocks.Mocks, kept: list[registrations.Registration]) -> None:
        super().__init__(given)
        self._kept = kept

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self._kept.append(_record(request))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def _record(request: Any) -> registrations.Registration:
    inputs = rpc.deserialize_properties(request.object)
    return registrations.Registration(
        token=request.type,
        name=request.name,
        inputs=answers.unwrap(inputs),
        secrets=frozenset(_secret_paths(inputs, "")),
        parent=_name(request.parent),
        depends_on=sorted(_name(urn) for urn in request.dependencies),
        deleted_with=_name(request.deletedWith),
        protect=request.protect,
        provider=_name(request.provider.rpartition("::")[0]),
        replace_on_changes=tuple(request.replaceOnChanges),
        ignore_changes=tuple(request.ignoreChanges),
        delete_before_replace=request.deleteBeforeReplace,
        retain_on_delete=request.retainOnDelete,
        custom_timeouts={field.name: str(value) for field, value in request.customTimeouts.ListFields()},
        import_id=request.importId,
        aliases=sorted(_describe_alias(one) for one in request.aliases),
    )


def _describe_alias(alias: Any) -> str:
    fields = (f"{field.name}: {value}" for field, value in alias.spec.ListFields() if value)
    return alias.urn or ", ".join(fields)


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _secret_paths(value: Any, path: str) -> Iterator[str]:
    if rpc.is_rpc_secret(value):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secret_paths(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secret_paths(item, f"{path}[{index}]")
