#!/bin/bash
# Answers one probe as readiness.py does, where there is no Python: systemd starts it for each connection, which is its
# standard input and output.
set -u
leaving=${AZURE_SWARM_LEAVING:-/run/azure-swarm/leaving}

answer() {
    printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' \
        "$1" $((${#2} + 1)) "$2"
    exit
}

# This host's own address, as the prober sees it. Not 127.0.0.1: there Docker's userland proxy accepts also when no
# container listens behind it.
own_address() {
    ip -o route get "$REMOTE_ADDR" | sed -n 's/.* src \([^ ]*\).*/\1/p'
}

accepts() {
    timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}

answers_well() {
    status=$(curl --silent --globoff --noproxy '*' --max-time 1 --output /dev/null --write-out '%{http_code}' "http://$1:$2$3")
    [[ $status == 2?? ]]
}

read -r -t 5 method path _ || exit
while read -r -t 5 header && [[ -n ${header%$'\r'} ]]; do :; done
if [[ $method != GET || ! $path =~ ^/ready/([0-9]{1,5})(/.*)?$ ]]; then
    answer '404 Not Found' 'expected /ready/<port> or /ready/<port>/<path>'
fi
port=${BASH_REMATCH[1]} service=${BASH_REMATCH[2]:-}
[[ ! -e $leaving ]] || answer '503 Service Unavailable' leaving
address=$(own_address)
if [[ -n $service ]]; then
    answers_well "$address" "$port" "$service" && answer '200 OK' ready
else
    accepts "$address" "$port" && answer '200 OK' ready
fi
answer '503 Service Unavailable' 'not ready'
