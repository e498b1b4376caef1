"""What a platform team wants around an environment: what guards its data."""

from components import container_host, lock, private_registry
from stacks import settings


def deploy(
    chosen: settings.Settings, registry: private_registry.PrivateRegistry, storage: container_host.ContainerHost
) -> None:
    """Declares what is chosen; `storage` is the host on whose disk the volumes are."""
    if chosen.lock:
        lock.create_lock(registry, "registry", registry.resource_id)
        lock.create_lock(storage, storage.host_name, storage.resource_id)
