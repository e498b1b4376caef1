"""Service: an Engine API ServiceSpec, done when every task runs it."""

import copy
from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import convergence, specs
from providers.swarm.cluster import ClusterSource, NoManager, passes_or_raises
from providers.swarm.objects import find_by_name, refuse_foreign, request_or_none

_CONVERGE_SECONDS = 600
_MODES = ("Replicated", "Global", "ReplicatedJob", "GlobalJob")


class Service(kit.ResourceType):
    """A service of the swarm."""

    token = "swarm:index:Service"
    description = "A service of the swarm, done when every task runs what was asked for."
    inputs = {
        "name": kit.Property("string", "The service's name.", required=True, replaces=True),
        "spec": kit.Property("object", "Engine API ServiceSpec without Name.", required=True),
        "registryAuth": kit.Property("object", "username, password, serveraddress of the registry.", secret=True),
        "timeoutSeconds": kit.Property("integer", "How long to wait for the tasks.", default=_CONVERGE_SECONDS),
    }
    outputs = {"serviceId": kit.Property("string", "The service's id.")}

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses a spec that says nothing of its tasks, or that has a name of its own."""
        checked = super().check(inputs, old_inputs)
        spec, failures = checked.inputs.get("spec"), list(checked.failures)
        if isinstance(spec, dict) and "TaskTemplate" not in spec:
            failures.append(kit.Failure("spec.TaskTemplate", "'TaskTemplate' is required and is not given"))
        if isinstance(spec, dict) and "Name" in spec:
            failures.append(kit.Failure("spec.Name", "expected the name in 'name' alone; got one in 'spec' too"))
        return kit.Checked(checked.inputs, tuple(failures))

    def diff(self, state: Plain, inputs: Plain) -> dict[str, kit.Change]:
        """Compares the specs as the engine understands them; only the name and the kind of mode replace."""
        changes = super().diff({**state, "spec": None}, {**inputs, "spec": None})
        changes |= specs.changed(state.get("spec"), inputs.get("spec"), "spec")
        before, after = _mode(state.get("spec")), _mode(inputs.get("spec"))
        if before and after and before != after:
            changes["spec.Mode"] = kit.Change(kit.ChangeKind.UPDATE, replace=True)
        return changes

    def deletes_first(self, state: Plain, inputs: Plain) -> bool:
        """A service of another mode under the same name needs the name free."""
        return bool(state.get("name") == inputs.get("name"))

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Creates the service, or takes over the one of this stack; waits until it is done."""
        found = await find_by_name(self._cluster, "/services", inputs["name"])
        if found is None:
            service_id = await self._create(inputs)
        else:
            labels = found["Spec"].get("Labels") or {}
            refuse_foreign("Service", inputs["name"], labels, inputs["spec"].get("Labels") or {})
            service_id = found["ID"]
            await self._write(service_id, inputs)
        await self._await_done(context, service_id, inputs)
        return kit.Created(service_id, {"serviceId": service_id})

    async def _create(self, inputs: Plain) -> str:
        body = {**inputs["spec"], "Name": inputs["name"]}
        auth = inputs.get("registryAuth")
        made = await self._cluster.get().request("POST", "/services/create", body=body, registry_auth=auth)
        return str(made["ID"])

    async def _write(self, service_id: str, inputs: Plain) -> None:
        def alter(spec: dict[str, Any]) -> None:
            forced = spec["TaskTemplate"].get("ForceUpdate", 0)
            spec.clear()
            spec.update(copy.deepcopy(inputs["spec"]), Name=inputs["name"])
            # The count of forced updates is part of the template: another one would restart every task.
            spec["TaskTemplate"].setdefault("ForceUpdate", forced)

        auth = inputs.get("registryAuth")
        await self._cluster.get().change(f"/services/{service_id}", alter, registry_auth=auth)

    async def _await_done(self, context: kit.Context, service_id: str, inputs: Plain) -> None:
        seconds = context.timeout or inputs["timeoutSeconds"]
        try:
            await convergence.wait_until_done(
                self._cluster.get(), inputs["name"], service_id, seconds=seconds, progress=context.progress
            )
        except convergence.ServiceFailed as error:
            outputs = {"serviceId": service_id}
            raise kit.InitializationFailed(str(error), resource_id=service_id, outputs=outputs) from error

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """Reports the service in the words of its state; what someone changed by hand shows as it is.

        One that failed is reported as such: else a refresh would make the next `up` believe that it is done.
        """
        found = await request_or_none(self._cluster, f"/services/{resource_id}")
        if found is None:
            return None
        live = {key: value for key, value in found["Spec"].items() if key != "Name"}
        inputs = {
            **{key: state[key] for key in self.inputs if key in state},
            "name": found["Spec"]["Name"],
            "spec": specs.observe(state.get("spec"), live),
        }
        outputs = {"serviceId": resource_id}
        failure = await convergence.find_failure(self._cluster.get(), resource_id)
        if failure is not None:
            reason = f"Service '{inputs['name']}' is not done: {failure}."
            raise kit.InitializationFailed(reason, resource_id=resource_id, outputs=outputs, inputs=inputs)
        return kit.Observed(resource_id, outputs, inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Writes the spec and the registry's account, and waits; a new account alone restarts no task."""
        await self._write(resource_id, inputs)
        await self._await_done(context, resource_id, inputs)
        return {"serviceId": resource_id}

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Removes the service and waits until its tasks have ended: networks and secrets are free then."""
        cluster, seconds = self._cluster.get(), context.timeout or state.get("timeoutSeconds", _CONVERGE_SECONDS)
        try:
            await passes_or_raises(cluster.request("DELETE", f"/services/{resource_id}"), 404)
            await convergence.wait_until_gone(cluster, state["name"], resource_id, seconds=seconds)
        except NoManager:
            # It went with its swarm.
            return


def _mode(spec: Any) -> str:
    """Gives the kind of mode; empty while it is not known."""
    if not isinstance(spec, dict) or spec.get("Mode") is kit.UNKNOWN:
        return ""
    return next((name for name in _MODES if name in (spec.get("Mode") or {})), "Replicated")
