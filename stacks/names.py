"""Names of stack outputs, for this program and for those that read it through a StackReference."""

INGRESS = "ingress"
NODES = "nodes"
REGISTRY = "registry"
STACKS = "stacks"
SSH = "ssh"
OPERATOR_KEY = "operatorKey"
ACCESS = "access"
