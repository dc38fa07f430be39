"""Which addresses a source may have."""

import ipaddress
import socket
from typing import Any

import pytest

from funcapp.net.errors import Invalid
from funcapp.net.guard import Guard, private_or_public, public

NEVER = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "192.0.0.192"),
    *("168.63.129.16", "100.100.100.200", "198.18.0.1", "::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8"),
    *("fe80::1", "fe80::1%eth0", "ff02::1", "fec0::1", "fd00:ec2::254", "2002:7f00:1::", "2001::1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
]
PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "64:ff9b::a00:1"]
PUBLIC = ["8.8.8.8", "140.82.112.3", "172.32.0.1", "2606:50c0:8000::153", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_are_never_asked(address: str) -> None:
    assert not private_or_public(ipaddress.ip_address(address))
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_the_chart_may_allow(address: str) -> None:
    assert private_or_public(ipaddress.ip_address(address))
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are_always_asked(address: str) -> None:
    assert private_or_public(ipaddress.ip_address(address))
    assert public(ipaddress.ip_address(address))


def test_the_address_that_was_judged_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may mean another address the next time it is asked for (DNS rebinding)."""
    answers = [["127.0.0.2", "127.0.0.3"], ["127.0.0.1"]]
    resolve = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **options: Any) -> Any:
        if host != "app.example.com":
            return resolve(host, port, *rest, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with socket.create_server(("127.0.0.3", 0)) as listener:
        port = listener.getsockname()[1]
        with Guard(lambda address: str(address) == "127.0.0.3").connect("app.example.com", port) as connection:
            assert connection.getpeername() == ("127.0.0.3", port)
    with pytest.raises(Invalid, match=r"has the address 127\.0\.0\.1"):
        Guard(public).connect("app.example.com", port)
