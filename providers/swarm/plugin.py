"""The swarm provider: its configuration, its resource types, and the process that serves them."""

import sys

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import content, host_ready, keys, network, nodes, service, ssh_hosts, swarm
from providers.swarm.cluster import MAX_UNAVAILABLE, Cluster, ClusterSource

CONFIG = {
    "jumpHost": kit.Property("string", "The jump host's address; hosts are reached directly when absent."),
    "jumpPort": kit.Property("integer", "The jump host's SSH port.", default=22),
    "jumpName": kit.Property("string", "The principal in the jump host's certificate; its address when absent."),
    "proxyCommand": kit.Property(
        "string", "A command whose input and output lead to a host's SSH; %h and %p in it are its name and port."
    ),
    "user": kit.Property("string", "The user on jump host and hosts."),
    "operatorPrivateKey": kit.Property("string", "The operator's private key in OpenSSH form.", secret=True),
    "caPublicKey": kit.Property("string", "The authority whose host certificates are trusted."),
    "managers": kit.Property("array", "The names of the wanted managers, the bootstrap one first."),
    "maxUnavailable": kit.Property(
        "integer", "How many workers may be leaving at the same time.", default=MAX_UNAVAILABLE
    ),
}
_NEEDED = ("user", "operatorPrivateKey", "caPublicKey", "managers")


class Connections:
    """Holds the SSH hosts of the configured provider instance, to close them at the end."""

    def __init__(self, source: ClusterSource) -> None:
        self._source = source
        self._hosts: ssh_hosts.SshHosts | None = None

    def configure(self, config: Plain) -> None:
        """Remembers how to reach the hosts. The default instance and previews of a first `up` know nothing yet."""
        if kit.contains_unknown(config) or any(key not in config for key in _NEEDED):
            return
        self._hosts = ssh_hosts.SshHosts(ssh_hosts.read_way(config))
        most = int(config.get("maxUnavailable", MAX_UNAVAILABLE))
        self._source.set(Cluster(self._hosts, config["managers"], most))

    async def close(self) -> None:
        """Closes the connections."""
        if self._hosts is not None:
            await self._hosts.close()


def make_plugin() -> kit.Plugin:
    """Makes the provider."""
    source = ClusterSource()
    connections = Connections(source)
    return kit.Plugin(
        name="swarm",
        version="0.1.0",
        types=[
            keys.SshAuthority(),
            keys.HostIdentity(),
            keys.RandomToken(),
            host_ready.HostReady(source),
            swarm.Swarm(source),
            nodes.SwarmNode(source),
            network.Network(source),
            content.Config(source),
            content.Secret(source),
            service.Service(source),
        ],
        config=CONFIG,
        configure=connections.configure,
        close=connections.close,
    )


if __name__ == "__main__":
    kit.serve(make_plugin(), sys.argv[1:])
