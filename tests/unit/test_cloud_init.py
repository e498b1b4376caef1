"""The user-data of hosts."""

import http.server
import importlib.util
import pathlib
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import cloud_init

KEYS = cloud_init.HostKeys("PRIVATE\nKEY\n", "ssh-ed25519 AAAA", "ssh-ed25519-cert-v01@openssh.com AAAA")


def test_a_container_host_gets_its_keys_and_installs_docker() -> None:
    text = cloud_init.make_container_host(KEYS, "azureuser")

    document = yaml.safe_load(text)
    assert text.startswith("#cloud-config\n")
    assert document["ssh_keys"]["ed25519_private"] == "PRIVATE\nKEY\n"
    assert document["runcmd"][0] == ["/usr/local/lib/azure-swarm/install-docker.sh", "azureuser"]


def test_a_jump_host_gets_no_docker() -> None:
    document = yaml.safe_load(cloud_init.make_jump_host(KEYS))

    assert document["runcmd"] == [["/usr/local/lib/azure-swarm/harden.sh", "chrony"]]
    assert "docker" not in str([file["path"] for file in document["write_files"]])


def test_the_user_data_stays_far_below_azures_limit() -> None:
    assert len(cloud_init.make_container_host(KEYS, "azureuser").encode()) < 65_535 / 4


def test_the_facts_that_make_the_generation_hold_no_key() -> None:
    assert "PRIVATE" not in str(cloud_init.container_host_facts("azureuser"))


def test_a_generation_follows_its_facts_and_not_their_order() -> None:
    one = cloud_init.make_generation({"size": "a", "zone": "1"})

    assert one == cloud_init.make_generation({"zone": "1", "size": "a"})
    assert one != cloud_init.make_generation({"size": "a", "zone": "2"})
    assert len(one) == 6


@pytest.fixture
def readiness(tmp_path: pathlib.Path) -> Iterator[tuple[Any, str]]:
    path = pathlib.Path(cloud_init.__file__).parent / "files" / "readiness.py"
    spec = importlib.util.spec_from_file_location("readiness", path)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.LEAVING = tmp_path / "leaving"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), module.Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield module, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def get_status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_accepting_port_is_ready_until_the_host_leaves(readiness: tuple[Any, str]) -> None:
    module, url = readiness
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert get_status(f"{url}/ready/{port}") == 200

        module.LEAVING.touch()
        assert get_status(f"{url}/ready/{port}") == 503


def test_a_closed_port_is_not_ready(readiness: tuple[Any, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert get_status(f"{readiness[1]}/ready/{port}") == 503
    assert get_status(f"{readiness[1]}/ready/99999") == 503


class _Service(http.server.BaseHTTPRequestHandler):
    """A service that is about to stop: it still serves, and says so."""

    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/stopping" else 200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


def test_a_service_that_is_asked_says_itself_whether_it_is_ready(readiness: tuple[Any, str]) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        well = get_status(f"{readiness[1]}/ready/{server.server_port}/well")
        stopping = get_status(f"{readiness[1]}/ready/{server.server_port}/stopping")
        server.shutdown()
        thread.join()

    assert (well, stopping) == (200, 503)


@pytest.mark.parametrize("path", ["/", "/ready/", "/ready/http", "/ready/80x", "/ready/123456"])
def test_any_other_path_is_not_found(readiness: tuple[Any, str], path: str) -> None:
    assert get_status(readiness[1] + path) == 404
