"""Makes a process unable to reach any machine but its own.

The demo and the tests put it into every Python that they start. Whatever a stray setting says, a real shop or a real
eSputnik account cannot be reached from there.
"""

import ipaddress
import sys
from typing import Any

EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"})


def is_loopback(host: Any) -> bool:
    """Tell whether a host name or address is this machine's own; no host at all is."""
    if host in {None, "", b"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise PermissionError when a socket is about to leave this machine."""
    if event not in EVENTS:
        return
    target = arguments[0] if event.startswith("socket.get") else arguments[1]
    host = target[0] if isinstance(target, tuple) and target else target
    # A Unix socket's address is a path, not a tuple: it cannot leave the machine.
    leaves = isinstance(target, tuple) or event.startswith("socket.get")
    if leaves and not is_loopback(host):
        raise PermissionError(f"only this machine may be reached here, not {host!r}")


def lock_in() -> None:
    """Lock this process in, for good: an audit hook cannot be taken off again."""
    sys.addaudithook(refuse_other_machines)
