"""References by name in converted specs (`net:x`, `config:x`, `secret:x`) turned into outputs of the resources."""

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

from providers.swarm import sdk


@dataclasses.dataclass(frozen=True)
class References:
    """The resources behind the names that specs refer to (the objects' names, not the file's keys)."""

    networks: Mapping[str, sdk.Network]
    configs: Mapping[str, sdk.Config]
    secrets: Mapping[str, sdk.Secret]

    def resolve(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Gives a copy of a service spec in which every reference is the output that it stands for.

        Only where the Engine API has references: a label may hold any text. What is not ours (external objects, the
        engine's own networks) stays a reference by name, behind which the provider finds the id.
        """
        resolved: dict[str, Any] = copy.deepcopy(dict(spec))
        task = resolved["TaskTemplate"]
        container = task["ContainerSpec"]
        for attachment in task.get("Networks", []):
            attachment["Target"] = self._network(attachment["Target"])
        for reference in container.get("Configs", []):
            reference |= self._config(reference)
        for reference in container.get("Secrets", []):
            reference |= self._secret(reference)
        self._resolve_credential(container.get("Privileges", {}).get("CredentialSpec", {}))
        return resolved

    def _network(self, reference: str) -> Any:
        name = reference.removeprefix("net:")
        return self.networks[name].network_id if name in self.networks else reference

    def _config(self, reference: Mapping[str, Any]) -> dict[str, Any]:
        name = reference["ConfigID"].removeprefix("config:")
        if name not in self.configs:
            return {}
        made = self.configs[name]
        return {"ConfigID": made.config_id, "ConfigName": made.object_name}

    def _secret(self, reference: Mapping[str, Any]) -> dict[str, Any]:
        name = reference["SecretID"].removeprefix("secret:")
        if name not in self.secrets:
            return {}
        made = self.secrets[name]
        return {"SecretID": made.secret_id, "SecretName": made.object_name}

    def _resolve_credential(self, credential: dict[str, Any]) -> None:
        if "Config" in credential:
            name = credential["Config"].removeprefix("config:")
            if name in self.configs:
                credential["Config"] = self.configs[name].config_id
