"""Stand-ins of the Horoshop and eSputnik APIs over real sockets, with a sample shop and fault switches."""

from __future__ import annotations

from horoshop_esputnik_sandbox.client import SandboxClient, SandboxError
from horoshop_esputnik_sandbox.sandbox import Sandbox

__all__ = ["Sandbox", "SandboxClient", "SandboxError"]
