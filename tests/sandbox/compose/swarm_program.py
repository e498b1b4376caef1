"""The program of `test_pulumi.py`: a compose file on the swarm of the one machine behind JUMP_ADDRESS."""

import os

import pulumi

from components import access, compose_stack, swarm_cluster

read = compose_stack.read_compose_files("shop", [os.environ["COMPOSE_FILE"]])
way = access.SshAccess(
    user="root",
    ca_public_key=os.environ["CA_PUBLIC_KEY"],
    operator_private_key=pulumi.Output.secret(os.environ["OPERATOR_PRIVATE_KEY"]),
    jump_address=os.environ["JUMP_ADDRESS"],
    jump_name="manager-0",
)
host = access.ExistingHost(host_name="manager-0", private_ip=os.environ["JUMP_ADDRESS"], access=way)
cluster = swarm_cluster.SwarmCluster("swarm", {"managers": [host]})
compose_stack.ComposeStack("shop", {"cluster": cluster, "model": read.model})
