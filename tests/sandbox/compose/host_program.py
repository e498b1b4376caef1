"""The program of `test_host_target.py`: a compose file on the engine that DOCKER_HOST names."""

import os

import pulumi_docker as docker

from components import access, compose_host, compose_stack

read = compose_stack.read_compose_files("shop", [os.environ["COMPOSE_FILE"]])
way = access.SshAccess(ca_public_key="ssh-ed25519 CA", operator_private_key="key")
compose_host.ComposeHost(
    "shop",
    {
        "host": access.ExistingHost(host_name="near", private_ip="127.0.0.1", access=way),
        "model": read.model,
        "docker": docker.Provider("near", host=os.environ["DOCKER_HOST"]),
    },
)
