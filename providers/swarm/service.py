"""Service: an Engine API ServiceSpec, done when every task runs it."""

from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import adoption, convergence, image_digests, named, specs
from providers.swarm.cluster import GONE, Cluster, ClusterSource, NoManager, passes_or_raises
from providers.swarm.objects import check_name, create_or_find, find_by_name, refuse_foreign, request_or_none, sweep

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
        """Refuses a name that no swarm takes, and a spec that says nothing of its tasks or has a name of its own."""
        checked = super().check(inputs, old_inputs)
        spec, failures = checked.inputs.get("spec"), [*checked.failures, *check_name(checked.inputs.get("name"))]
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

    async def foresee_create(self, context: kit.Context, inputs: Plain) -> Plain:
        """Tells what a service that is there already would change; refuses external objects that are not there."""
        look = await self._cluster.look(lambda cluster: self._foresee(cluster, context, inputs))
        return self.preview_create(inputs) if look is None else {"serviceId": look}

    async def _foresee(self, cluster: Cluster, context: kit.Context, inputs: Plain) -> str | None:
        ids = await self._find_ids(cluster, inputs)
        found = await self._find(cluster, inputs) if not kit.contains_unknown(inputs["name"]) else None
        if found is None:
            return None
        if isinstance(inputs["spec"].get("TaskTemplate"), dict):
            self._tell_takeover(context, inputs["name"], _resolve(inputs["spec"], ids), found["Spec"])
            await self._tell_image(cluster, context, inputs, found["Spec"])
        return str(found["ID"])

    def _tell_takeover(self, context: kit.Context, name: str, wanted: Plain, live: Plain) -> None:
        changes = adoption.list_changes(wanted, live)
        # To Pulumi a takeover is a create without a diff, and under `--diff` it shows no lines but warnings and errors.
        tell = context.warn if changes else context.tell
        tell(adoption.describe(name, changes))

    async def _tell_image(self, cluster: Cluster, context: kit.Context, inputs: Plain, spec: Any) -> None:
        before, after = image_digests.get_image(spec), image_digests.get_image(inputs["spec"])
        told = await image_digests.describe_change(cluster, inputs["name"], before, after, inputs.get("registryAuth"))
        if told is not None:
            context.warn(told)

    async def foresee_update(self, context: kit.Context, state: Plain, inputs: Plain) -> Plain:
        """Refuses external objects that are not there; tells which digests another image means."""

        async def look(cluster: Cluster) -> None:
            await self._find_ids(cluster, inputs)
            await self._tell_image(cluster, context, inputs, state.get("spec"))

        await self._cluster.look(look)
        return self.preview_update(state, inputs)

    async def _find_ids(self, cluster: Cluster, inputs: Plain) -> dict[str, str]:
        """Finds the ids of what the spec names; refuses what neither the swarm nor this preview has."""
        references = named.list_references(inputs.get("spec"))
        ids = await named.find_ids(cluster, references)
        missing = [one for one in references if one not in ids and not self._cluster.is_planned(one)]
        if missing:
            raise kit.ResourceError(named.say_missing(inputs["name"], missing))
        return ids

    async def _find(self, cluster: Cluster, inputs: Plain) -> Plain | None:
        """Finds the service to take over."""
        found = await find_by_name(cluster, "/services", inputs["name"])
        if found is not None:
            wanted = inputs["spec"].get("Labels") or {}
            refuse_foreign("Service", inputs["name"], found["Spec"].get("Labels") or {}, wanted)
        return found

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Creates the service, or takes over the one of this stack; waits until it is done."""
        cluster = self._cluster.get()
        spec = _resolve(inputs["spec"], await self._find_ids(cluster, inputs))
        found = await self._find(cluster, inputs)
        if found is None:
            service_id = await self._create(cluster, inputs, spec)
        else:
            service_id = found["ID"]
            await self._write(cluster, service_id, inputs, spec)
        await self._await_done(context, service_id, inputs)
        await sweep(cluster, context.warn)
        return kit.Created(service_id, {"serviceId": service_id})

    async def _create(self, cluster: Cluster, inputs: Plain, spec: Plain) -> str:
        body, auth = {**spec, "Name": inputs["name"]}, inputs.get("registryAuth")
        made = await create_or_find(cluster, "/services", body, lambda: self._find(cluster, inputs), registry_auth=auth)
        if "Spec" in made:
            # Found, and by another run of the stack it may have been made with another spec.
            await self._write(cluster, made["ID"], inputs, spec)
        return str(made["ID"])

    async def _write(self, cluster: Cluster, service_id: str, inputs: Plain, spec: Plain) -> None:
        wanted, auth = {**spec, "Name": inputs["name"]}, inputs.get("registryAuth")
        if not await self._needs_write(cluster, service_id, wanted, auth):
            return

        def alter(live: dict[str, Any]) -> None:
            template = specs.keep_template(wanted["TaskTemplate"], live["TaskTemplate"])
            live.clear()
            live.update(wanted, TaskTemplate=template)

        await cluster.change(f"/services/{service_id}", alter, registry_auth=auth)

    async def _needs_write(self, cluster: Cluster, service_id: str, wanted: Plain, auth: Plain | None) -> bool:
        """Tells whether anything is to be told to the engine: whatever is, a job runs once more for it."""
        live = (await cluster.request("GET", f"/services/{service_id}"))["Spec"]
        if adoption.list_changes(wanted, live) or (auth and not _mode(wanted).endswith("Job")):
            return True
        return await convergence.is_failed(cluster, service_id)

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
        references = named.list_references(state.get("spec"))
        ids = await named.find_ids(self._cluster.get(), references)
        names = {object_id: reference for reference, object_id in ids.items()}
        live = named.rename({key: value for key, value in found["Spec"].items() if key != "Name"}, names)
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
        cluster = self._cluster.get()
        spec = _resolve(inputs["spec"], await self._find_ids(cluster, inputs))
        await self._write(cluster, resource_id, inputs, spec)
        await self._await_done(context, resource_id, inputs)
        await sweep(cluster, context.warn)
        return {"serviceId": resource_id}

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Removes the service and waits until its tasks have ended: networks and secrets are free then."""
        cluster, seconds = self._cluster.get(), context.timeout or state.get("timeoutSeconds", _CONVERGE_SECONDS)
        try:
            await passes_or_raises(cluster.request("DELETE", f"/services/{resource_id}"), GONE)
            await convergence.wait_until_gone(cluster, state["name"], resource_id, seconds=seconds)
        except NoManager:
            # It went with its swarm.
            return


def _resolve(spec: Plain, ids: dict[str, str]) -> Plain:
    resolved: Plain = named.rename(spec, ids)
    return resolved


def _mode(spec: Any) -> str:
    """Gives the kind of mode; empty while it is not known."""
    if not isinstance(spec, dict) or spec.get("Mode") is kit.UNKNOWN:
        return ""
    return next((name for name in _MODES if name in (spec.get("Mode") or {})), "Replicated")
