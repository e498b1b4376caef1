#!/bin/sh
# What someone would write who has no azure-swarm: the same machines, swarm, images and services with the docker CLI.
# The bench measures it beside `up`. It does less (no jump host in the way, no rules, no load balancer, no accounts at
# the registry, no state), and nothing in it waits that need not: machines boot while images are built and pushed.
#
#   HAND_PREFIX     what names begin with; all that is made carries the label azure-swarm.sandbox=HAND_PREFIX
#   HAND_NETWORK    the first three octets of the machines' network
#   HAND_REGISTRY   the registry's address, in 127.0.0.0/8, where the engine needs no certificate
#   HAND_FILES      a folder with the files that each machine has before it boots, one folder a machine: user-data
#   NODE_IMAGE, SERVICES_IMAGE   the sandbox's images
set -eu
cd "$(dirname "$0")/../../apps/shop"
label=azure-swarm.sandbox=$HAND_PREFIX
registry=$HAND_REGISTRY:5000
inside=$HAND_NETWORK.250
nodes="manager-0 worker-0 worker-1"
services="edge web api store"
# The image cache is the old builder's, as it is for the docker provider.
export DOCKER_BUILDKIT=0

# One step in the background for each word; fails when one of them does.
each() {
    step=$1
    shift
    running=
    for word in "$@"; do
        "$step" "$word" &
        running="$running $!"
    done
    for process in $running; do
        wait "$process"
    done
}

# wait_until SECONDS COMMAND...: asks five times a second.
wait_until() {
    left=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        if [ "$left" -eq 0 ]; then
            echo "by_hand.sh: waited in vain for: $*" >&2
            return 1
        fi
        sleep 0.2
    done
}

on() {
    machine=$1
    shift
    docker exec "$HAND_PREFIX-$machine" "$@"
}

start_machine() {
    # The options are those of the sandbox (sandbox/machines.py says why).
    set -- "$1" --hostname "$1" --network "$HAND_PREFIX" --label "$label" --cgroupns private \
        --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
        --tmpfs /run:exec --tmpfs /run/lock --tmpfs /tmp:exec --sysctl net.ipv4.conf.all.route_localnet=1 \
        --volume /lib/modules:/lib/modules:ro \
        --mount "type=volume,src=$HAND_PREFIX-$1,dst=/var/lib/docker,volume-label=$label"
    for capability in SYS_ADMIN NET_ADMIN NET_RAW SYS_MODULE SYS_PTRACE SYS_CHROOT MKNOD SETFCAP SYS_NICE SYS_TIME \
        SYS_BOOT DAC_READ_SEARCH IPC_LOCK SYSLOG LINUX_IMMUTABLE AUDIT_CONTROL SYS_TTY_CONFIG LEASE; do
        set -- "$@" --cap-add "$capability"
    done
    machine=$1
    shift
    docker create --name "$HAND_PREFIX-$machine" "$@" "$NODE_IMAGE" >/dev/null
    docker cp "$HAND_FILES/$machine/." "$HAND_PREFIX-$machine:/"
    docker start "$HAND_PREFIX-$machine" >/dev/null
}

start_registry() {
    docker run --detach --name "$HAND_PREFIX-registry" --network "$HAND_PREFIX" --ip "$inside" --label "$label" \
        --publish "$registry:5000" --mount "type=volume,src=$HAND_PREFIX-registry,dst=/var/lib/registry,volume-label=$label" \
        "$SERVICES_IMAGE" sh -euc 'cat > /run/registry.yml <<"CONFIG"
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000"}
CONFIG
exec docker-registry serve /run/registry.yml' >/dev/null
}

start() {
    case $1 in
        registry) start_registry ;;
        *) start_machine "$1" ;;
    esac
}

build() {
    docker build --quiet --tag "$registry/shop/$1" "$1" >/dev/null
}

# Machines reach the registry under the same name as this one does.
prepare() {
    wait_until 120 on "$1" docker info
    on "$1" cloud-init status --wait >/dev/null || on "$1" cloud-init status --long
    on "$1" iptables -w -t nat -A OUTPUT -d "$HAND_REGISTRY" -p tcp --dport 5000 -j DNAT --to-destination "$inside:5000"
    on "$1" iptables -w -t nat -A POSTROUTING -d "$inside" -s 127.0.0.0/8 -j MASQUERADE
}

join() {
    on "$1" docker swarm join --token "$token" "$manager:2377" >/dev/null
}

all_run() {
    replicas=$(on manager-0 docker service ls --format '{{.Replicas}}')
    [ "$(echo "$replicas" | awk -F '[/ ]' '$1 == $2 && $2 > 0' | wc -l)" -eq 4 ]
}

docker network create --label "$label" --subnet "$HAND_NETWORK.0/24" "$HAND_PREFIX" >/dev/null
# shellcheck disable=SC2086  # the lists are words
each start registry jump $nodes
# shellcheck disable=SC2086
each build $services
wait_until 60 curl -fs "http://$registry/v2/"
# One after another: layers that an earlier image brought are not sent again.
for service in $services; do
    docker push --quiet "$registry/shop/$service" >/dev/null
done
# shellcheck disable=SC2086
each prepare $nodes
manager=$(on manager-0 hostname --ip-address)
on manager-0 docker swarm init --advertise-addr "$manager" >/dev/null
token=$(on manager-0 docker swarm join-token --quiet worker)
each join worker-0 worker-1
sed "s,image: shop/,image: $registry/shop/," compose.yaml | docker exec --interactive "$HAND_PREFIX-manager-0" \
    sh -c 'mkdir -p /root/shop && cat > /root/shop/compose.yaml'
docker cp catalog.json "$HAND_PREFIX-manager-0:/root/shop/"
docker cp store_password.example "$HAND_PREFIX-manager-0:/root/shop/"
docker exec --env "SHOP_STORE_ON=node.hostname == worker-0" --workdir /root/shop "$HAND_PREFIX-manager-0" \
    docker stack deploy --compose-file compose.yaml shop >/dev/null
wait_until 300 all_run
