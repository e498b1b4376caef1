"""What a host tells of itself, asked of this machine."""

import http.server
import json
import pathlib
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from cloud_init import user_data
from tools import on_host


class _Responder(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ready = self.path == "/ready/80"
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(b"ready\n" if ready else b"closed\n")

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def responder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serves readiness answers at a port of its own."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Responder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(on_host, "READINESS", f"http://{{address}}:{server.server_port}/ready/{{port}}")
        yield
        server.shutdown()


def test_the_readiness_answers_are_the_responders_words(responder: None) -> None:
    report = on_host.make_report("127.0.0.1", ["80", "81"])

    assert report["ports"] == {"80": "ready", "81": "closed"}


def test_a_responder_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_host, "READINESS", "http://{address}:1/{port}")

    assert on_host.ask_ready("127.0.0.1", "80").startswith("no answer: ")


def test_a_host_is_leaving_since_its_file_was_made(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_host, "LEAVING", str(tmp_path / "leaving"))
    assert on_host.find_leaving_since() == 0

    (tmp_path / "leaving").touch()

    assert on_host.find_leaving_since() > 0


def test_a_disk_has_a_share_that_is_used() -> None:
    assert 0 < on_host.list_disks()["/"] < 1


def test_what_is_not_there_is_empty() -> None:
    assert on_host.read_text("/nowhere") == ""


def test_the_script_needs_nothing_of_the_project() -> None:
    script = pathlib.Path(on_host.__file__).read_text()

    done = subprocess.run([sys.executable, "-I", "-c", script, "127.0.0.1"], capture_output=True, check=True)

    assert json.loads(done.stdout)["ports"] == {}


def test_the_script_spells_what_hosts_are_made_with() -> None:
    responder = pathlib.Path(user_data.__file__).with_name("files") / "readiness.py"

    assert f":{user_data.READINESS_PORT}/ready/" in on_host.READINESS
    assert f'"{on_host.LEAVING}"' in responder.read_text()


def test_a_host_tells_of_the_restart_that_it_waits_for(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_host, "WANTS_RESTART", str(tmp_path / "wants"))
    monkeypatch.setattr(on_host, "RESTARTING", str(tmp_path / "mark"))
    told = [on_host.find_restart()]

    for name in ("wants", "mark"):
        (tmp_path / name).touch()
        told.append(on_host.find_restart())

    assert told == ["", "wanted", "cut off"]
