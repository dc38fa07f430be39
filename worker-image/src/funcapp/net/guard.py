"""Which addresses a host that a tenant names may have, and connections to those alone.

The address that was judged is the one that is connected to: a name that resolves to another address the next moment
(DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from funcapp.net.errors import Invalid, Unavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CONNECT_SECONDS = 15


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


# https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry: what is not reachable
# from everywhere. Written out, because what `ipaddress.is_global` says depends on Python's patch version.
_PRIVATE = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_NEVER = _networks(
    # this network, loopback, link-local (metadata services), protocol assignments, documentation, benchmarks, multicast
    *("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    # unspecified, loopback and forms that hold an IPv4 address, discard, Teredo and other protocol assignments
    *("::/96", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    # link-local, site-local, multicast
    *("fe80::/10", "fec0::/10", "ff00::/8"),
    # Metadata services of clouds outside the link-local range: Azure, Alibaba, AWS.
    *("168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32"),
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def public(address: Address) -> bool:
    """Whether the address is reachable from everywhere."""
    return private_or_public(address) and not _within(_translated(address), _PRIVATE)


def private_or_public(address: Address) -> bool:
    """As `public`, and the ranges for networks of one's own, where other services of a cluster are."""
    return not _within(_translated(address), _NEVER)


class Guard:
    """Connects to hosts whose addresses are `allowed`."""

    def __init__(self, allowed: Callable[[Address], bool]) -> None:
        self._allowed = allowed

    def connect(self, host: str, port: int) -> socket.socket:
        """A TCP connection. Raises Invalid where no address is allowed, Unavailable where none answers."""
        reason = ""
        for address in self._addresses(host, port):
            try:
                # A literal address is not resolved again.
                return socket.create_connection((address, port), CONNECT_SECONDS)
            except OSError as error:
                reason = error.strerror or "timed out"
        raise Unavailable(f"{host}:{port} cannot be reached: {reason}")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not a host name"
            raise Unavailable(f"the host {host} cannot be resolved: {reason}") from None
        allowed = [address for address in found if self._allowed(ipaddress.ip_address(address))]
        if not allowed:
            raise Invalid(
                f"the host {host} has the address {found[0]}, and sources must not be fetched from there: loopback,"
                " link-local and reserved addresses never, private ones only where the operator's installation allows"
                " them (sources.privateNetworks)"
            )
        return allowed


def _translated(address: Address) -> Address:
    """Where the network has IPv6 alone, a translator makes these of IPv4 addresses (RFC 6052)."""
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
