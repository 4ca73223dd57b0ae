"""TLS has words of its own for a connection that breaks; what they mean for an order is what they mean without TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from pipe_driver import LONG_AGO, Pipe
from story import Story
from tls_server import Front

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme

NO_LIMITS = {"rate_limit": "none", "search_rate_limit": "none"}
GUARDED = {"duplicate_guard": "all", "duplicate_guard_arms": "received"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a small shop, and an account without limits."""
    with Sandbox(customers=15, orders=40, switches=NO_LIMITS | GUARDED) as running:
        yield running


@pytest.fixture
def front(sandbox: Sandbox, authority: trustme.CA, showing: Callable[..., ssl.SSLContext]) -> Iterator[Front]:
    """Give what speaks TLS before the account."""
    port = urlsplit(sandbox.esputnik_url).port
    assert port is not None
    with Front(showing(authority.issue_cert("localhost")), port) as running:
        yield running


def story_of(sandbox: Sandbox, front: Front, folder: Path, bundle: str) -> Story:
    target = {"live_since": LONG_AGO, "order_batch_size": 10, "api_url": f"{front.url}/api", "ca_bundle": bundle}
    return Story(sandbox, Pipe(sandbox, folder, tap={"page_size": 20}, target=target))


@pytest.mark.parametrize(
    "last_words", [b"", b"HTTP/1.1 502 Bad Gateway\r\n\r\n"], ids=["gone", "a gateway that is plain"]
)
@pytest.mark.parametrize("calls", ["/v1/orders", "/v1/contact/subscribe", "/v1/contacts"])
def test_it_heals_and_nobody_is_mailed_twice(
    calls: str, last_words: bytes, sandbox: Sandbox, front: Front, bundle: str, tmp_path: Path, impatient: None
) -> None:
    story = story_of(sandbox, front, tmp_path, bundle)
    front.cut_once(f"POST /api{calls} ".encode(), last_words)
    broken = story.pipe.run()
    assert front.cut == 1
    assert broken.codes in {(0, 0), (0, 1)}, "it heals by itself: there is nothing for a person to do"
    for _ in range(3):
        if story.run().writes() == []:
            break
    story.check_consent(story.check())
