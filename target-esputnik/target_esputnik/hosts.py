"""Which hosts and addresses are this machine, the internet, or neither. Imports no HTTP."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOST: Final = re.compile(r"^(?=.{1,253}$)(?:[\w](?:[\w-]{0,61}[\w])?\.)*[\w](?:[\w-]{0,61}[\w])?$")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_LOW_BITS: Final = 0xFFFF_FFFF


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine, without asking a name server."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def is_host(host: str) -> bool:
    """Whether it is a name or an address at all."""
    return bool(_HOST.match(host)) or _address(host) is not None


def is_public(host: str) -> bool:
    """Whether an address lies on the internet, also as IPv6 that only wraps an IPv4 address."""
    address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    return _is_global(address) and all(map(_is_global, _wrapped(address)))


def leads_to_private(host: str) -> bool:
    """Whether a name leads to a private address by what this machine knows; a proxy may know it otherwise."""
    return any(not is_public(address) for address in addresses_of(host))


def addresses_of(host: str) -> Iterator[str]:
    """Yield the addresses that this machine knows of a host; none where it knows none."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return  # not known now: who connects says so, in its own words
    yield from (str(entry[4][0]) for entry in found)


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_global(address: Address) -> bool:
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not is_site_local


def _wrapped(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, 6to4, NAT64, and the old compatible form."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    yield from (inner for inner in (address.ipv4_mapped, address.sixtofour) if inner)
    if address in _NAT64 or int(address) <= _LOW_BITS:
        yield ipaddress.IPv4Address(int(address) & _LOW_BITS)
