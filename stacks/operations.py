"""What a platform team wants around an environment: what it costs, what it says, and what guards its data."""

import datetime

from components import budget, container_host, diagnostics, ingress, key_vault, lock, network, private_registry
from stacks import settings


def deploy(
    chosen: settings.Settings,
    net: network.ClusterNetwork,
    edge: ingress.Ingress | None,
    registry: private_registry.PrivateRegistry,
    storage: container_host.ContainerHost,
) -> None:
    """Declares what is chosen; `storage` is the host on whose disk the volumes are."""
    if chosen.monthly_budget:
        _create_budget(chosen, net, datetime.datetime.now(datetime.UTC).date().replace(day=1))
    expires = chosen.secret_expiry if chosen.key_vault else None
    vault = _create_vault(chosen, net, registry, expires) if expires is not None else None
    sources = _list_sources(net, edge, registry, vault)
    recorded = _create_diagnostics(chosen, net, sources).settings if chosen.log_analytics else []
    if chosen.lock:
        lock.create_lock(registry, "registry", registry.resource_id, after=recorded)
        if vault is not None:
            lock.create_lock(vault, "vault", vault.resource_id, after=recorded)
        lock.create_lock(storage, storage.host_name, storage.resource_id)


def _create_budget(chosen: settings.Settings, net: network.ClusterNetwork, start: datetime.date) -> budget.Budget:
    return budget.Budget(
        "budget",
        {
            "network": net,
            "monthly_amount": chosen.monthly_budget,
            "contacts": chosen.budget_contacts,
            "start": start,
        },
    )


def _create_vault(
    chosen: settings.Settings,
    net: network.ClusterNetwork,
    registry: private_registry.PrivateRegistry,
    expires: datetime.date,
) -> key_vault.KeyVault:
    secrets = {
        "operator-ssh-key": key_vault.KeptSecret(
            value=net.access.operator_private_key, content_type="OpenSSH private key"
        ),
        "registry-password": key_vault.KeptSecret(value=registry.password, content_type="password"),
    }
    return key_vault.KeyVault(
        "vault",
        {
            "network": net,
            "vault_name": chosen.key_vault_name,
            "operator_networks": chosen.operator_networks,
            "secrets": secrets,
            "expires": expires,
            "protect": chosen.protect,
        },
    )


def _list_sources(
    net: network.ClusterNetwork,
    edge: ingress.Ingress | None,
    registry: private_registry.PrivateRegistry,
    vault: key_vault.KeyVault | None,
) -> dict[str, diagnostics.Source]:
    sources = {
        "registry": diagnostics.Source(resource_id=registry.resource_id),
        "net-nsg": diagnostics.Source(resource_id=net.security_group_id, metrics=False),
    }
    if edge is not None:
        sources["edge-lb"] = diagnostics.Source(resource_id=edge.balancer_id)
        sources["edge-ip"] = diagnostics.Source(resource_id=edge.address_id)
    if net.bastion_id is not None:
        sources["net-bastion"] = diagnostics.Source(resource_id=net.bastion_id)
    if vault is not None:
        sources["vault"] = diagnostics.Source(resource_id=vault.resource_id)
    return sources


def _create_diagnostics(
    chosen: settings.Settings, net: network.ClusterNetwork, sources: dict[str, diagnostics.Source]
) -> diagnostics.Diagnostics:
    return diagnostics.Diagnostics(
        "logs",
        {
            "network": net,
            "sources": sources,
            "retention_days": chosen.log_retention_days,
            "daily_gb": chosen.log_daily_gb,
        },
    )
