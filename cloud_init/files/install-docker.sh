#!/bin/sh
# Installs Docker's engine from the distribution unless the image already holds it: an image with the engine baked in
# boots in seconds. The mirrors of a fresh VM fail now and then, hence the bounded retries.
set -eu
if ! command -v dockerd >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 update -q
    apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends docker.io
fi
# From Debian 13 on the client is a package of its own, which docker.io only recommends.
if ! command -v docker >/dev/null; then
    apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends docker-cli
fi
usermod -aG docker "$1"
# Debian's packages enable what they install; to enable it again costs three reloads of systemd, two seconds of a boot.
systemctl is-enabled -q docker.service || systemctl enable docker.service
systemctl start docker.service
systemctl enable --now swarm-ready.socket
