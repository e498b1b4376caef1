"""The program side of the swarm provider: a class a resource type, with typed arguments and outputs.

Nested values (`spec`, `labels`) go to the provider with their keys as they are, outputs inside them resolved.
Options that name properties (`ignore_changes`, `replace_on_changes`) take wire names: `registryAuth`, `spec.Mode`.
"""

from providers.swarm.sdk.identity import (
    HostIdentity,
    HostIdentityArgs,
    RandomToken,
    RandomTokenArgs,
    SshAuthority,
    SshAuthorityArgs,
)
from providers.swarm.sdk.membership import (
    HostReady,
    HostReadyArgs,
    Swarm,
    SwarmArgs,
    SwarmNode,
    SwarmNodeArgs,
)
from providers.swarm.sdk.objects import Config, ConfigArgs, Network, NetworkArgs, Secret, SecretArgs
from providers.swarm.sdk.provider import Provider, ProviderArgs
from providers.swarm.sdk.services import Service, ServiceArgs

__all__ = [
    "Config",
    "ConfigArgs",
    "HostIdentity",
    "HostIdentityArgs",
    "HostReady",
    "HostReadyArgs",
    "Network",
    "NetworkArgs",
    "Provider",
    "ProviderArgs",
    "RandomToken",
    "RandomTokenArgs",
    "Secret",
    "SecretArgs",
    "Service",
    "ServiceArgs",
    "SshAuthority",
    "SshAuthorityArgs",
    "Swarm",
    "SwarmArgs",
    "SwarmNode",
    "SwarmNodeArgs",
]
