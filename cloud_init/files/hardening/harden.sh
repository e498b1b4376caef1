#!/bin/sh
# Puts into effect what other files of the user-data ask for and the boot has passed already. The arguments are packages
# that must be there; an image that holds them boots faster.
set -eu
missing=
for package in "$@"; do
    [ -e "/var/lib/dpkg/info/$package.list" ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 update -q
    # shellcheck disable=SC2086  # a list
    apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends $missing
fi
sysctl -q -p /etc/sysctl.d/60-azure-swarm.conf
systemctl restart systemd-journald.service
# Clock, audit and the kernel's settings belong to the machine on which a container runs.
if systemd-detect-virt -q --container; then
    exit
fi
cp /usr/local/lib/azure-swarm/sysctl-kernel.conf /etc/sysctl.d/61-azure-swarm-kernel.conf
# Not every kernel has every key.
sysctl -q -e -p /etc/sysctl.d/61-azure-swarm-kernel.conf
# Azure's host gives its clock as a device; time servers on the internet, where there is a way to them, only stand by.
if [ -e /dev/ptp_hyperv ] && [ -d /etc/chrony/conf.d ] && ! grep -rqs ptp_hyperv /etc/chrony; then
    printf 'refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2 prefer\nmakestep 1.0 -1\n' \
        >/etc/chrony/conf.d/azure-swarm.conf
    systemctl restart chrony.service
fi
# Docker's files are there now; the daemon read the rules when they were not. A kernel that takes none is no reason to
# do without the host: `make audit` tells.
if command -v augenrules >/dev/null; then
    augenrules --load >/dev/null || echo "The kernel did not take the audit rules." >&2
fi
