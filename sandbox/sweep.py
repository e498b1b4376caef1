"""Removes all that a sandbox has on this machine, in whatever state a run left it.

Containers, networks and volumes are found by the sandbox's label, its packet filter by its name. What it remembers of
resources and accounts goes too, so that the next `up` makes everything anew; keys and Pulumi's state stay. Which
sandbox: SANDBOX_HOME and SANDBOX_PREFIX, as for sandbox/run. It prints what it removed, one a line.
"""

import argparse
import asyncio
import json
import os
import pathlib
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from providers import kit
from sandbox import balancers, home
from sandbox.images import names
from sandbox.local_engine import LocalEngine, LocalEngineError

Plain = dict[str, Any]

_GONE = 404


async def sweep(place: home.Home, engine: LocalEngine) -> list[str]:
    """Removes everything and tells what it was. Raises `kit.ResourceError`; it may run again and again."""
    labelled = {"filters": json.dumps({"label": [f"{key}={value}" for key, value in place.labels.items()]})}
    containers = await engine.request("GET", "/containers/json", query={"all": "true", **labelled})
    for one in containers:
        await engine.remove(f"/containers/{one['Id']}", {"force": "true", "v": "true"})
    networks = await engine.request("GET", "/networks", query=labelled)
    for one in networks:
        await engine.remove(f"/networks/{one['Id']}")
    volumes = (await engine.request("GET", "/volumes", query=labelled))["Volumes"] or []
    for one in volumes:
        await engine.remove(f"/volumes/{one['Name']}", {"force": "true"})
    await _clean_filter(place, engine)
    return [
        *(f"container {one['Names'][0].removeprefix('/')}" for one in containers),
        *(f"network {one['Name']}" for one in networks),
        *(f"volume {one['Name']}" for one in volumes),
        *(f"file {path}" for path in _forget(place)),
    ]


async def _clean_filter(place: home.Home, engine: LocalEngine) -> None:
    """Cleans this machine's packet filter from within a container: only there a user of Docker may."""
    name = f"{place.prefix}-sweep"
    body = {
        "Image": names.services_image(),
        "Labels": place.labels,
        "Cmd": ["sh", "-c", balancers.render_clean_up(place.chain)],
        "HostConfig": {"NetworkMode": "host", "CapAdd": ["NET_ADMIN"]},
    }
    try:
        await engine.request("POST", "/containers/create", query={"name": name}, body=body)
    except LocalEngineError as error:
        # Without the image no sandbox has run.
        if error.status == _GONE:
            return
        raise
    try:
        await engine.request("POST", f"/containers/{name}/start")
        await engine.request("POST", f"/containers/{name}/wait")
    finally:
        await engine.remove(f"/containers/{name}", {"force": "true"})


def _forget(place: home.Home) -> Iterator[pathlib.Path]:
    records, accounts = place.folder / "resources.json", place.folder / "registries"
    if records.exists():
        records.unlink()
        yield records
    if accounts.exists():
        shutil.rmtree(accounts)
        yield accounts


async def _main(place: home.Home) -> int:
    engine = LocalEngine(place.docker_socket)
    try:
        removed = await sweep(place, engine)
    except kit.ResourceError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await engine.close()
    for line in removed:
        print(line)
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python -m sandbox.sweep", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    sys.exit(asyncio.run(_main(home.find_home(os.environ, pathlib.Path(__file__).resolve().parents[1]))))
