"""The world in Docker: a bridge for each subnet, a container for each machine and registry, one for what is between."""

import asyncio
import hashlib
import secrets
from typing import Any

from providers import kit
from sandbox import arm, balancers, certificates, fabric, home, machines, rules
from sandbox.images import names
from sandbox.local_engine import LocalEngine, LocalEngineError
from sandbox.store import Record, Store

Plain = dict[str, Any]

_STATE = "/run/sandbox"
_REGISTRY_CONFIG = """\
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /var/lib/registry}, delete: {enabled: true}}
http: {addr: "%(address)s:%(port)d", tls: {certificate: %(state)s/tls.pem, key: %(state)s/tls.key}}
auth: {htpasswd: {realm: sandbox, path: %(state)s/htpasswd}}
"""
# The password comes on standard input: it is in no argument list.
_REGISTRY_START = (
    f'umask 077\nhtpasswd -niB "$ACCOUNT" < {_STATE}/password > {_STATE}/htpasswd\n'
    f"exec docker-registry serve {_STATE}/config.yml"
)


class DockerWorld:
    """`World` on the engine of this machine."""

    def __init__(self, place: home.Home, store: Store) -> None:
        self._home = place
        self._store = store
        self._engine = LocalEngine(place.docker_socket)
        self._reconciling = asyncio.Lock()
        # How many asked to reconcile, and how many of them were served.
        self._asked = self._served = 0
        # What was applied by this process, by container and its start.
        self._applied: dict[str, str] = {}

    async def close(self) -> None:
        """Closes the connection to the engine."""
        await self._engine.close()

    def _name(self, record: Record) -> str:
        if record.token in (fabric.MACHINE, fabric.REGISTRY):
            return f"{self._home.prefix}-{record.name}"
        return f"{self._home.prefix}-{self._home.short_name(record.id)}"

    def _bridge(self, record: Record) -> str:
        # The kernel takes 15 characters.
        return f"az{self._home.short_name(record.id)}"

    def _labels(self, record: Record) -> dict[str, str]:
        return {**self._home.labels, home.RESOURCE_LABEL: record.id, home.ROLE_LABEL: record.token.rpartition(":")[2]}

    async def create_subnet(self, record: Record, prefix: str) -> None:
        """Makes the bridge network, unless it is there."""
        if await self._engine.find(f"/networks/{self._name(record)}") is not None:
            return
        body = {
            "Name": self._name(record),
            "Driver": "bridge",
            "Labels": self._labels(record),
            "IPAM": {"Config": [{"Subnet": prefix, "Gateway": fabric.gateway_of(prefix)}]},
            "Options": {"com.docker.network.bridge.name": self._bridge(record)},
        }
        try:
            await self._engine.request("POST", "/networks/create", body=body)
        except LocalEngineError as error:
            if "overlaps" not in str(error):
                raise
            raise kit.ResourceError(
                f"Subnet '{record.name}' cannot have {prefix} on this machine: another network of Docker overlaps it; "
                "choose another hostSubnet, or remove that network ('docker network ls')."
            ) from error

    async def create_machine(self, record: Record, inputs: Plain, interface: Record) -> None:
        """Boots a machine; what a killed one left is removed first: its disk is lost with it."""
        user_data = machines.decode_user_data(inputs)
        machines.refuse_other_engine(record.name, user_data)
        await self.remove(record)
        profile = inputs["osProfile"]
        subnet_id = arm.id_of(interface.inputs["ipConfigurations"][0]["subnet"])
        subnet, script = self._store.find(subnet_id), fabric.Fabric(self._store.list_all()).filter_of(record)
        if subnet is None or script is None:
            raise kit.ResourceError(f"Subnet '{subnet_id}' of machine '{record.name}' is not there.")
        place = machines.Place(
            container=self._name(record),
            image=names.node_image(),
            labels=self._labels(record),
            network=self._name(subnet),
            address=interface.facts["address"],
            volume=f"{self._name(record)}-docker",
        )
        seed = machines.seed_files(record.name, profile, user_data)
        files = seed | machines.filter_file(script)
        await self._run(place.container, machines.container_body(profile["computerName"], place), files)

    async def create_registry(self, record: Record) -> None:
        """Starts the registry, unless it runs."""
        if await self.exists(record):
            return
        await self._engine.remove(f"/containers/{self._name(record)}", {"force": "true"})
        address = record.facts["address"]
        key, certificate = certificates.make_server_certificate(self._home.folder / "ca", address)
        port = balancers.listen_port(443)
        config = _REGISTRY_CONFIG % {"address": address, "port": port, "state": _STATE}
        files = {
            f"{_STATE}/tls.key": (key, 0o600),
            f"{_STATE}/tls.pem": (certificate, 0o600),
            f"{_STATE}/password": (self._ensure_password(record).encode(), 0o600),
            f"{_STATE}/config.yml": (config.encode(), 0o600),
        }
        await self._run(self._name(record), self._registry_body(record), files)

    def _registry_body(self, record: Record) -> Plain:
        volume = {
            "Type": "volume",
            "Source": f"{self._name(record)}-data",
            "Target": "/var/lib/registry",
            "VolumeOptions": {"Labels": self._labels(record)},
        }
        return {
            "Image": names.services_image(),
            "Labels": self._labels(record),
            "Env": [f"ACCOUNT={record.name}"],
            "Cmd": ["sh", "-euc", _REGISTRY_START],
            "HostConfig": {"NetworkMode": "host", "Mounts": [volume], "RestartPolicy": {"Name": "on-failure"}},
        }

    def _password_file(self, record: Record) -> Any:
        return self._home.folder / "registries" / self._home.short_name(record.id)

    def _ensure_password(self, record: Record) -> str:
        path = self._password_file(record)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            certificates.write_private(path, secrets.token_urlsafe(32).encode())
        return str(path.read_text(encoding="utf-8"))

    def password_of(self, record: Record) -> str:
        """Reads the password."""
        return self._ensure_password(record)

    async def _run(self, name: str, body: Plain, files: dict[str, tuple[bytes, int]]) -> None:
        try:
            await self._engine.request("POST", "/containers/create", query={"name": name}, body=body)
        except LocalEngineError as error:
            if "No such image" not in str(error):
                raise
            raise kit.ResourceError(
                f"The image {body['Image']} is not on this machine; make it with 'sandbox/images/build'."
            ) from error
        await self._engine.put_files(name, files)
        await self._engine.request("POST", f"/containers/{name}/start")

    async def exists(self, record: Record) -> bool:
        """Looks: a network that is there, a container that runs."""
        if record.token == fabric.SUBNET:
            return await self._engine.find(f"/networks/{self._name(record)}") is not None
        found = await self._engine.find(f"/containers/{self._name(record)}/json")
        return found is not None and bool(found["State"]["Running"])

    async def remove(self, record: Record) -> None:
        """Removes network, or container and volume."""
        name = self._name(record)
        if record.token == fabric.SUBNET:
            await self._engine.remove(f"/networks/{name}")
        elif record.token == fabric.MACHINE:
            await self._remove_container(name, f"{name}-docker")
        elif record.token == fabric.REGISTRY:
            await self._remove_container(name, f"{name}-data")
            self._password_file(record).unlink(missing_ok=True)

    async def _remove_container(self, name: str, volume: str) -> None:
        await self._engine.remove(f"/containers/{name}", {"force": "true", "v": "true"})
        await self._engine.remove(f"/volumes/{volume}", {"force": "true"})

    async def reconcile(self) -> None:
        """Applies filters and forwards where they differ from what this process applied before.

        Of those who ask while it goes on, the first one's turn serves all: it begins after the last record they wrote.
        """
        self._asked += 1
        mine = self._asked
        async with self._reconciling:
            if self._served >= mine:
                return
            asked = self._asked
            seen = fabric.Fabric(self._store.list_all())
            await asyncio.gather(*(self._filter(machine, seen) for machine in seen.list_of(fabric.MACHINE)))
            await self._forward(seen)
            self._served = asked

    async def _filter(self, machine: Record, seen: fabric.Fabric) -> None:
        found = await self._engine.find(f"/containers/{self._name(machine)}/json")
        script = seen.filter_of(machine)
        if found is not None and found["State"]["Running"] and script is not None:
            await self._apply(found, machines.render_filtering(script))

    async def _apply(self, container: Any, script: str) -> None:
        # What a container was told in an earlier start of it, it may not know any more.
        boot = f"{container['Id']} {container['State']['StartedAt']}"
        digest = hashlib.sha256(script.encode()).hexdigest()
        if self._applied.get(boot) != digest:
            await self._engine.execute(container["Id"], script)
            self._applied[boot] = digest

    async def _forward(self, seen: fabric.Fabric) -> None:
        edge = f"{self._home.prefix}-edge"
        found = await self._engine.find(f"/containers/{edge}/json")
        subnets = seen.list_of(fabric.SUBNET)
        if not subnets and not seen.list_of(fabric.REGISTRY):
            await self._remove_edge(edge, found)
            return
        # One of an older checkout would not know what the script asks of it.
        current = found is not None and found["State"]["Running"] and found["Config"]["Image"] == names.services_image()
        if not current:
            found = await self._start_edge(edge)
        bridges = [self._bridge(subnet) for subnet in subnets]
        await self._apply(found, self._edge_script(seen, bridges))

    def _edge_script(self, seen: fabric.Fabric, bridges: list[str]) -> str:
        addresses = "".join(
            f"ip address replace {address}/32 dev {bridge}\n"
            for bridge in bridges
            for address in (rules.CLIENT_ADDRESS, rules.PROBE_ADDRESS)
        )
        reload = balancers.render_reload(seen.forwards())
        return addresses + reload + balancers.render_translation(self._home.chain, seen.published())

    async def _start_edge(self, edge: str) -> Any:
        await self._engine.remove(f"/containers/{edge}", {"force": "true"})
        body = {
            "Image": names.services_image(),
            "Labels": {**self._home.labels, home.ROLE_LABEL: "Edge"},
            "Cmd": ["haproxy", "-W", "-db", "-f", balancers.CONFIG],
            # In this machine's network namespace: public addresses are local to it, and bridges are its interfaces.
            "HostConfig": {"NetworkMode": "host", "CapAdd": ["NET_ADMIN"], "RestartPolicy": {"Name": "on-failure"}},
        }
        await self._run(edge, body, {balancers.CONFIG: (balancers.render_haproxy([]).encode(), 0o600)})
        return await self._engine.find(f"/containers/{edge}/json")

    async def _remove_edge(self, edge: str, found: Any) -> None:
        if found is None:
            return
        # This machine's packet filter is cleaned from within a container: only there a user of Docker may.
        if not found["State"]["Running"]:
            await self._start_edge(edge)
        await self._engine.execute(edge, balancers.render_clean_up(self._home.chain))
        await self._engine.remove(f"/containers/{edge}", {"force": "true"})
