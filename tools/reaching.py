"""Whether the way in to the hosts answers.

A refresh through a way that is shut sees no manager, and takes a swarm that lives from the state.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from providers import kit
from providers.swarm import ssh_hosts
from providers.swarm.hosts import Hosts

__all__ = ["find_trouble", "greet"]

Greet = Callable[[str, int], Awaitable[str]]


async def greet(address: str, port: int, seconds: float = ssh_hosts.CONNECT_SECONDS) -> str:
    """Asks an SSH server for its greeting, and gives why there is none; nothing where there is one.

    A connection alone says little: a load balancer or a proxy in between takes it for a server that is gone.
    """
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port)
            try:
                word = await reader.read(1)
            finally:
                writer.close()
    except TimeoutError:
        return f"no answer within {seconds:g} s"
    except OSError as error:
        return error.strerror or str(error)
    return "" if word else "the connection was closed without a word"


async def find_trouble(hosts: Hosts, way: ssh_hosts.Way, names: Sequence[str], greet_once: Greet = greet) -> str:
    """Gives why no host can be reached; nothing where the way in answers, though hosts behind it may not."""
    if way.jump_host is not None:
        said = await greet_once(way.jump_host, way.jump_port)
        return said and f"The jump host at {way.jump_host}:{way.jump_port} does not answer ({said})"
    troubles = await asyncio.gather(*(_find_silence(hosts, name) for name in names))
    return "" if "" in troubles or not troubles else f"No host answers ({troubles[0]})"


async def _find_silence(hosts: Hosts, name: str) -> str:
    try:
        await hosts.run(name, "true", seconds=ssh_hosts.CONNECT_SECONDS)
    except kit.ResourceError as error:
        return str(error).rstrip(".") or type(error).__name__
    return ""
