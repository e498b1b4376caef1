"""Public addresses and load balancers as haproxy's configuration; pure.

One haproxy in this machine's network namespace carries all of a sandbox: TCP mode, the probes of the load balancer,
no retry and no redispatch, so that it is never kinder than Azure's. Clients arrive at hosts from 203.0.113.10 and
probes from 168.63.129.16, as rules of security groups expect.

A public address is one of 127.0.0.0/8. haproxy listens there on a shifted port, and the machine's own packets to the
real one are translated: so a server of the user's that listens on 0.0.0.0:22 or :80 is not in the way.
"""

import dataclasses
from collections.abc import Iterable, Sequence

from sandbox.rules import CLIENT_ADDRESS, PROBE_ADDRESS

_SHIFT = 30_000
_PORTS = 65_535

CONFIG = "/etc/haproxy/haproxy.cfg"
_SOCKET = "/run/haproxy.sock"
_STATE = "/run/haproxy.state"

# What a reload leaves to the process before it goes on for so long: Azure ends no connection because a rule or a member
# changes, and clients keep theirs for as long as they ask something now and then.
_KEPT = "2h"
_HEAD = f"""\
global
  log stdout format raw local0 notice
  stats socket {_SOCKET} mode 600 level admin expose-fd listeners
  server-state-file {_STATE}
  hard-stop-after {_KEPT}
defaults
  mode tcp
  timeout connect 5s
  timeout client 4m
  timeout server 4m
  retries 0
  load-server-state-from-file global
# haproxy does not start without a listener.
listen alive
  bind unix@/run/alive.sock mode 600
"""


@dataclasses.dataclass(frozen=True)
class Probe:
    """A health probe; without a path it is a TCP probe."""

    port: int
    path: str
    seconds: int
    threshold: int


@dataclasses.dataclass(frozen=True)
class Forward:
    """Connections to one address and port, spread over `targets` by 5-tuple; `name` is unique.

    `targets` maps a name to an address; connections go to `target_port` there.
    """

    name: str
    address: str
    port: int
    targets: Sequence[tuple[str, str]]
    target_port: int
    probe: Probe | None = None
    idle_minutes: int = 4
    # Only what is on a public address is translated; the gateway's ports are the sandbox's own.
    public: bool = True
    source: str = CLIENT_ADDRESS


def listen_port(port: int) -> int:
    """Gives the port on which haproxy listens for a public one; no two share one."""
    return (port - 1 + _SHIFT) % _PORTS + 1


def render_haproxy(forwards: Sequence[Forward]) -> str:
    """Gives the configuration."""
    return _HEAD + "".join(_render(forward) for forward in sorted(forwards, key=lambda one: one.name))


def _render(forward: Forward) -> str:
    port = listen_port(forward.port) if forward.public else forward.port
    source = f" source {forward.source}" if forward.source else ""
    track = f" track {forward.name}-probe/" if forward.probe else ""
    lines = [
        f"frontend {forward.name}",
        f"  bind {forward.address}:{port}",
        f"  timeout client {forward.idle_minutes}m",
        "  tcp-request connection set-var(sess.port) src_port",
        f"  default_backend {forward.name}",
        f"backend {forward.name}",
        # Address and port of the other end are the same for all, so this is the 5-tuple.
        "  balance hash src,concat(:,sess.port)",
        f"  timeout server {forward.idle_minutes}m",
        *(
            f"  server {name} {address}:{forward.target_port}{source}{f'{track}{name}' if track else ''}"
            for name, address in forward.targets
        ),
        *(_render_probe(forward, forward.probe) if forward.probe else ()),
    ]
    return "\n".join(lines) + "\n"


def _render_probe(forward: Forward, probe: Probe) -> list[str]:
    ask = [f"  option httpchk GET {probe.path}", "  http-check expect status 200"] if probe.path else []
    pace = f"check inter {probe.seconds}s fall {probe.threshold} rise 1"
    return [
        f"backend {forward.name}-probe",
        *ask,
        *(f"  server {name} {address}:{probe.port} source {PROBE_ADDRESS} {pace}" for name, address in forward.targets),
    ]


def render_reload(forwards: Sequence[Forward]) -> str:
    """Gives the shell script that puts the configuration in place, unless it is there already.

    haproxy believes every server to be up until a probe failed; Azure sends nothing to a host before a probe succeeded.
    So a host keeps across the reload what the probes said of it, and a new one begins as down. The columns are those
    of `show servers state` (version 1): backend 2, server 4, address 5, operational state 6, port 19.
    """
    probed = [(one, one.probe.port) for one in forwards if one.probe is not None]
    servers = [f"{one.name}-probe {name} {address} {port}" for one, port in probed for name, address in one.targets]
    known = "\n".join(servers)
    # The line of a server whose probe failed (check status 8, result 2): haproxy 2.6 crashes on one never probed.
    down = 'print "0", $1, "0", $2, $3, "0 0 1 1 0 8 2 0 6 0 0 0 -", $4, "- 0 0 - - 0"'
    return (
        f"cat > {CONFIG}.new <<'CONFIG'\n{render_haproxy(forwards)}CONFIG\n"
        f"cat > {_STATE}.servers <<'SERVERS'\n{known}\nSERVERS\n"
        f"if ! cmp -s {CONFIG}.new {CONFIG}; then\n"
        f"haproxy -c -f {CONFIG}.new\n"
        f"echo 'show servers state' | socat -t 5 - {_SOCKET} > {_STATE}.now\n"
        f'{{ echo 1; awk \'FNR == NR {{ was[$2 " " $4 " " $5 " " $19] = $0; next }} NF == 4 {{\n'
        f"if ($0 in was) print was[$0]; else {down} }}' {_STATE}.now {_STATE}.servers; }} > {_STATE}\n"
        f"mv {CONFIG}.new {CONFIG}; kill -USR2 1; fi\n"
    )


def render_translation(chain: str, published: Iterable[tuple[str, int]]) -> str:
    """Gives the shell script that translates public addresses and ports on this machine; it may run again."""
    lines = [
        f"-A {chain} -d {address} -p tcp --dport {port} -j DNAT --to-destination {address}:{listen_port(port)}"
        for address, port in sorted(set(published))
    ]
    jump = f"OUTPUT -d 127.0.0.0/8 -j {chain}"
    text = "\n".join(["*nat", f":{chain} - [0:0]", *lines, "COMMIT"])
    return (
        f"iptables-restore -w --noflush <<'RULES'\n{text}\nRULES\n"
        f"iptables -w -t nat -C {jump} 2>/dev/null || iptables -w -t nat -I {jump}\n"
    )


def render_clean_up(chain: str) -> str:
    """Gives the shell script that takes the translation away."""
    jump = f"OUTPUT -d 127.0.0.0/8 -j {chain}"
    return (
        f"iptables -w -t nat -D {jump} 2>/dev/null || true\n"
        f"iptables -w -t nat -F {chain} 2>/dev/null || true\n"
        f"iptables -w -t nat -X {chain} 2>/dev/null || true\n"
    )
