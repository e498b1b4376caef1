#!/bin/sh
# Installs one version of Docker's engine from Docker's own repository, and holds it there. The repository's key is
# fetched, and taken only if it is the one with this fingerprint: nothing else signs what is installed.
set -eu
version=$1
fingerprint=9DC858229FC7DD38854AE2D88D81803C0EBFCD88
key=/etc/apt/keyrings/docker.asc
. /etc/os-release
site=https://download.docker.com/linux/$ID

export DEBIAN_FRONTEND=noninteractive
get() {
    apt-get -q -y -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 "$@"
}

get update
get install --no-install-recommends ca-certificates curl gpg
mkdir -p /etc/apt/keyrings
curl -fsSL --retry 5 "$site/gpg" -o "$key.new"
found=$(gpg --show-keys --with-colons "$key.new" | awk -F: '$1 == "pub" { wanted = 1 } $1 == "fpr" && wanted { print $10; wanted = 0 }')
if [ "$found" != "$fingerprint" ]; then
    echo "The key of $site must have the fingerprint $fingerprint; got $found." >&2
    exit 1
fi
mv "$key.new" "$key"
chmod 0644 "$key"
printf 'deb [arch=%s signed-by=%s] %s %s stable\n' "$(dpkg --print-architecture)" "$key" "$site" "$VERSION_CODENAME" \
    >/etc/apt/sources.list.d/docker.list
get update
package=$(apt-cache madison docker-ce | awk -v wanted=":$version-" 'index($3, wanted) { print $3; exit }')
if [ -z "$package" ]; then
    echo "$site has no docker-ce $version for $VERSION_CODENAME." >&2
    exit 1
fi
get install --no-install-recommends "docker-ce=$package" "docker-ce-cli=$package" containerd.io
apt-mark hold docker-ce docker-ce-cli containerd.io
