"""Runs the API: settings from the environment, the catalog from a config, the password from a secret."""

import os
import pathlib
import sys
from collections.abc import Mapping

from . import catalog, resp, serving, shop

_PORT = 8080
# A request in flight may be waiting for the store; nothing takes longer than that.
FINISH_SECONDS = resp.PATIENCE_SECONDS + 5
_CATALOG = pathlib.Path("/etc/shop/catalog.json")
_PASSWORD = pathlib.Path("/run/secrets/store_password")


def make_where(environment: Mapping[str, str]) -> dict[str, str]:
    """Says which task this is: what swarm and the deployment wrote into the environment."""
    return {
        "tier": "api",
        "node": environment.get("NODE", "-"),
        "task": environment.get("TASK", "-"),
        "digest": environment.get("IMAGE_DIGEST", "-"),
    }


def main() -> None:
    """Serves until a stop signal."""
    environment = os.environ
    where = make_where(environment)
    host, _, port = environment.get("STORE_ADDRESS", "store:6379").rpartition(":")
    try:
        sold = catalog.read_catalog(_CATALOG.read_text(encoding="utf-8"))
        password = _PASSWORD.read_text(encoding="utf-8").strip()
    except (OSError, catalog.CatalogError) as error:
        sys.exit(f"The API cannot start: {error}")
    answers = shop.Shop(sold, resp.RedisStore(host, int(port), password), where)
    headers = {"X-Shop-Api": f"{where['node']} {where['digest']}"}
    server = serving.PoliteServer(("", _PORT), answers.respond, headers)
    serving.serve_until_told(server, float(environment.get("DRAIN_SECONDS", "5")), FINISH_SECONDS)


if __name__ == "__main__":
    main()
