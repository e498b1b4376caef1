"""A host's keys that open nothing, and are easily found where they should not be."""

import cloud_init

KEYS = cloud_init.HostKeys(
    name="web-0-aaaaaa",
    private="PRIVATE\nKEY\n",
    public="ssh-ed25519 AAAA",
    certificate="ssh-ed25519-cert-v01@openssh.com AAAA",
    operator="ssh-ed25519 OPERATOR",
)
