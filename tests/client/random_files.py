"""Random compose files, valid and nearly so, from a seed; for the comparison with the real `docker stack deploy`."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

_WORDS = ("web", "db", "ab", "x-y", "under_score", "Z9")
_SCALARS = ("text", "", "yes", "0x1F", "007", "1e3", "12:30", "${SET}", "${UNSET:-d}", "$$x", "~", "null", "ünï", "a b")
_NUMBERS = (0, 1, -1, 3.5, 1e21, 0.1, 65536, 1e-7)
_DURATIONS = ("1s", "1m30s", "1.5h", "0", "250ms", "10us", "-3s")
_SIZES = ("50M", "1.5g", "64mb", "1GiB", "4096", "10 kb")
_PORTS = ("80", "8080:80", "9000-9002:90-92", "7000-7001:70", "53:53/udp", "127.0.0.1:81:81", ":82", "3000-3001")
_VOLUMES = ("v1:/data", "v2:/d:ro", "/anon", "./rel:/rel", "/abs:/abs:ro,rslave", "~/h:/h", "v1:/n:nocopy", "C:\\x:/x")
_IMAGES = (
    "nginx",
    "nginx:1.27",
    "docker.io/library/redis",
    "ghcr.io/a/b:c",
    "localhost:5000/x",
    "a/b@sha256:" + "ab" * 32,
)


_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, 2.0, 10**20, "", "x", "1", "1.5", "5s", "${SET}", "${THREE}", "${YES}", "${"),
    *([], {}, ["x"], ["x", "x"], [1], [None], {"x": "y"}, {"x": 1}, {"x": None}, {"x": True}, {"target": 80}, "a:b"),
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Lists every place in a value, as container and key."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


class Generator:
    """Makes files; the same seed gives the same file."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def file(self) -> dict[str, Any]:
        """Makes the value of one file."""
        pick = self._random
        file: dict[str, Any] = {"services": {name: self._service() for name in pick.sample(_WORDS, pick.randint(1, 3))}}
        file["networks"] = {"front": self._network(), "back": None, "outer": {"external": True, "name": "o"}}
        file["volumes"] = {"v1": self._volume(), "v2": {"external": pick.choice((True, {"name": "other"}))}}
        file["configs"] = {"c1": self._object("configs"), "c2": {"external": True}}
        file["secrets"] = {"s1": self._object("secrets"), "s2": {"external": {"name": "deep"}}}
        if pick.random() < 0.3:
            file["version"] = pick.choice(("3", "3.8", "3.13", "3.12"))
        return file

    def damaged(self) -> dict[str, Any]:
        """Makes a file in which one value is another, mostly a wrong one."""
        # Written and read once more: what the generator shares between files must not change with this one.
        file: dict[str, Any] = json.loads(json.dumps(self.file()))
        container, key = self._random.choice(list(_places(file)))
        container[key] = self._random.choice(_ODD)
        return file

    def over(self, base: dict[str, Any]) -> dict[str, Any]:
        """Makes a second file, to be merged over the first one."""
        names = self._random.sample(sorted(base["services"]), 1)
        services = {name: {key: item for key, item in self._service().items() if key != "image"} for name in names}
        return {"services": services} | ({"version": base["version"]} if "version" in base else {})

    def _some(self, makers: dict[str, Callable[[], Any]], share: float) -> dict[str, Any]:
        return {key: make() for key, make in makers.items() if self._random.random() < share}

    def _any(self, *choices: Any) -> Callable[[], Any]:
        return lambda: self._random.choice(choices)

    def _several(self, choices: tuple[Any, ...]) -> Callable[[], list[Any]]:
        return lambda: self._random.sample(choices, self._random.randint(0, min(3, len(choices))))

    def _labels(self) -> Any:
        pairs = {key: self._random.choice((*_SCALARS, *_NUMBERS, None)) for key in self._random.sample(_WORDS, 2)}
        if self._random.random() < 0.5:
            return pairs
        return [key if value is None else f"{key}={value}" for key, value in pairs.items()]

    def _service(self) -> dict[str, Any]:
        pick = self._random
        makers: dict[str, Callable[[], Any]] = {
            "command": self._any('a \'b c\' "d\\"e" # f', ["x", "", "$$y"], "", []),
            "entrypoint": self._any("/bin/sh -c", ["/bin/sh"]),
            "environment": self._labels,
            "labels": self._labels,
            "hostname": self._any("h", "{{.Task.Slot}}", ""),
            "user": self._any("0", "a:b"),
            "working_dir": self._any("/w"),
            "read_only": self._any(True, False, "${YES}"),
            "init": self._any(True, False),
            "tty": self._any(True, False),
            "stdin_open": self._any(True),
            "stop_signal": self._any("SIGINT"),
            "stop_grace_period": self._any(*_DURATIONS),
            "healthcheck": self._healthcheck,
            "ports": self._ports,
            "networks": self._networks,
            "volumes": self._volumes,
            "configs": self._references("c1", "c2"),
            "secrets": self._references("s1", "s2"),
            "dns": self._any("8.8.8.8", ["8.8.8.8", "1.1.1.1"]),
            "dns_search": self._any("x", ["y"]),
            "extra_hosts": self._any(["a:1.2.3.4", "b=[::1]"], {"z": "1.2.3.4", "y": "::1"}),
            "cap_add": self._several(("ALL", "net_admin", "CAP_CHOWN")),
            "cap_drop": self._several(("ALL", "chown", "KILL")),
            "sysctls": self._any({"a": 1}, ["b=2"]),
            "ulimits": self._any({"nofile": 5}, {"nproc": {"soft": 1, "hard": 2}, "core": "${THREE}"}),
            "isolation": self._any("default"),
            "logging": self._any({}, {"driver": "x"}, {"options": {"a": 1, "b": None}}),
            "restart": self._any("always", "no", "on-failure:3", "unless-stopped"),
            "privileged": self._any(True),
            "tmpfs": self._any("/run"),
            "depends_on": self._any([]),
            "credential_spec": self._any({"file": "f"}, {"config": "c1"}),
            "deploy": self._deploy,
        }
        return {"image": pick.choice(_IMAGES), **self._some(makers, 0.3)}

    def _healthcheck(self) -> dict[str, Any]:
        makers: dict[str, Callable[[], Any]] = {
            "test": self._any("true", ["CMD", "x"], ["NONE"]),
            "interval": self._any(*_DURATIONS),
            "timeout": self._any(*_DURATIONS),
            "start_period": self._any(*_DURATIONS),
            "retries": self._any(0, 3, 2.0, "${THREE}"),
        }
        return self._some(makers, 0.5)

    def _ports(self) -> list[Any]:
        long = {"target": 99, "published": self._random.choice((99, "${THREE}")), "mode": "host", "protocol": "udp"}
        return [*self._several((*_PORTS, 90))(), *([long] if self._random.random() < 0.3 else [])]

    def _networks(self) -> Any:
        attachments: tuple[Any, ...] = (None, {}, {"aliases": ["x", "y"]}, {"ipv4_address": "10.0.0.1"})
        names = self._random.sample(("front", "back", "outer", "default"), 2)
        return names if self._random.random() < 0.5 else {name: self._random.choice(attachments) for name in names}

    def _volumes(self) -> list[Any]:
        long: tuple[Any, ...] = (
            {"type": "volume", "source": "v1", "target": "/l1", "volume": {"nocopy": True}},
            {"type": "bind", "source": ".", "target": "/l2", "bind": {"propagation": "shared"}},
            {"type": "tmpfs", "target": "/l3", "tmpfs": {"size": 1000}},
            {"type": "volume", "target": "/l4", "read_only": "${YES}"},
        )
        return self._several((*_VOLUMES, *long))()

    def _references(self, *names: str) -> Callable[[], list[Any]]:
        long = {"source": names[0], "target": "/t", "uid": "5", "gid": "6", "mode": 0o400}
        return self._several((names[1], long))

    def _deploy(self) -> Any:
        policy = self._some(
            {
                "parallelism": self._any(0, 2, "${THREE}"),
                "delay": self._any(*_DURATIONS),
                "failure_action": self._any("pause", "rollback"),
                "monitor": self._any(*_DURATIONS),
                "max_failure_ratio": self._any(0, 0.25, 1),
                "order": self._any("start-first", "stop-first"),
            },
            0.5,
        )
        restart = {"condition": "any", "delay": "5s", "max_attempts": 3, "window": "1m"}
        makers: dict[str, Callable[[], Any]] = {
            "mode": self._any("replicated", "global", "replicated-job", "global-job"),
            "replicas": self._any(0, 3, "${THREE}"),
            "endpoint_mode": self._any("vip", "DNSRR"),
            "labels": self._labels,
            "update_config": lambda: policy,
            "rollback_config": lambda: policy,
            "restart_policy": lambda: dict(self._random.sample(sorted(restart.items()), self._random.randint(0, 4))),
            "placement": self._any(
                {"constraints": ["a==b"]},
                {"preferences": [{"spread": "b"}, {"spread": "a"}]},
                {"max_replicas_per_node": 2},
            ),
            "resources": lambda: self._some({"limits": self._amounts, "reservations": self._amounts}, 0.6),
        }
        made = self._some(makers, 0.35)
        return made or None

    def _amounts(self) -> dict[str, Any]:
        return self._some({"cpus": self._any("0.5", "1/4", "2"), "memory": self._any(*_SIZES)}, 0.6)

    def _network(self) -> dict[str, Any]:
        makers: dict[str, Callable[[], Any]] = {
            "name": self._any("own"),
            "driver": self._any("overlay", "custom"),
            "driver_opts": self._any({"a": 1, "b": "c"}),
            "internal": self._any(True, False, "${YES}"),
            "attachable": self._any(True),
            "labels": self._labels,
            "ipam": self._any({"driver": "x"}, {"config": [{"subnet": "10.9.0.0/16"}]}),
        }
        return self._some(makers, 0.4)

    def _volume(self) -> dict[str, Any]:
        makers: dict[str, Callable[[], Any]] = {
            "name": self._any("own"),
            "driver": self._any("nfs"),
            "driver_opts": self._any({}, {"a": 1}),
            "labels": self._labels,
        }
        return self._some(makers, 0.4)

    def _object(self, section: str) -> dict[str, Any]:
        makers: dict[str, Callable[[], Any]] = {
            "name": self._any("own"),
            "labels": self._labels,
            "template_driver": self._any("golang"),
        }
        return {"file": "data.txt", **self._some(makers, 0.3)}
