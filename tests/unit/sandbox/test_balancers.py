"""Public addresses and load balancers as haproxy's configuration."""

import pathlib
import re
import shutil
import subprocess

import pytest

from sandbox import balancers
from tools import asking

PROBE = balancers.Probe(9180, "/ready/80", 5, 2)
HOSTS = [("worker-0-nic", "10.80.1.5"), ("worker-1-nic", "10.80.1.6")]
BALANCER = balancers.Forward("balancer-127.70.1.5-80", "127.70.1.5", 80, HOSTS, 80, PROBE)


def test_servers_follow_their_probe_and_are_never_tried_again() -> None:
    text = balancers.render_haproxy([BALANCER])

    assert (
        "server worker-0-nic 10.80.1.5:80 source 203.0.113.10 track balancer-127.70.1.5-80-probe/worker-0-nic" in text
    )
    assert "server worker-0-nic 10.80.1.5:9180 source 168.63.129.16 check inter 5s fall 2 rise 1" in text
    assert "retries 0" in text
    assert "redispatch" not in text


def test_a_connection_to_nobody_is_given_up_before_it_counts_as_accepted() -> None:
    (seconds,) = re.findall(r"timeout connect (\d+)s", balancers.render_haproxy([]))

    assert float(seconds) < asking.PATIENCE_SECONDS


def test_a_gateways_port_is_not_shifted_and_has_no_clients_address() -> None:
    forward = balancers.Forward("it", "10.80.1.1", 21006, [("it", "127.70.1.6")], 30443, public=False, source="")

    text = balancers.render_haproxy([forward])

    assert "bind 10.80.1.1:21006" in text
    assert "server it 127.70.1.6:30443\n" in text


def test_no_two_public_ports_share_a_port_to_listen_on() -> None:
    assert len({balancers.listen_port(port) for port in range(1, 65_536)}) == 65_535


def test_the_translation_is_taken_away_again() -> None:
    assert "-X SANDBOX-1" in balancers.render_clean_up("SANDBOX-1")
    assert "-d 127.70.1.5 -p tcp --dport 80 -j DNAT --to-destination 127.70.1.5:30080" in balancers.render_translation(
        "SANDBOX-1", [("127.70.1.5", 80)]
    )


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy runs in the sandbox's image, not on this machine")
def test_haproxy_itself_takes_the_configuration(tmp_path: pathlib.Path) -> None:
    plain = balancers.Forward("address-127.70.1.4-22", "127.70.1.4", 22, HOSTS[:1], 22)
    path = tmp_path / "haproxy.cfg"
    path.write_text(balancers.render_haproxy([BALANCER, plain]))

    told = subprocess.run(["haproxy", "-c", "-f", str(path)], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stderr


def test_a_new_host_begins_as_down_with_the_port_of_its_probe() -> None:
    script = balancers.render_reload([BALANCER])

    assert "balancer-127.70.1.5-80-probe worker-0-nic 10.80.1.5 9180\n" in script
