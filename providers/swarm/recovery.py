"""What brings a swarm back whose managers are no majority any more. Pure; docs/troubleshooting.md tells the rest.

https://docs.docker.com/engine/swarm/admin_guide/#recover-from-losing-the-quorum
"""


def make_command(address: str) -> str:
    """Gives the command for one surviving manager: it goes on alone, with the services and secrets that it knows.

    What it prints is a join token, which is for no log.
    """
    return f"docker swarm init --force-new-cluster --advertise-addr {address} > /dev/null"
