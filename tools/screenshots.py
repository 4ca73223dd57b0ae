"""Take the pictures of the statistics page in docs/screenshots, of the sample shop: `make screenshots`.

A shop of the sandbox, some days of runs through the real target, the page as it is served, and Debian's Chromium.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from horoshop_esputnik_sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from browser import chromium, looking  # type: ignore[import-not-found]  # noqa: E402 - the tests' own
from page_driver import served  # type: ignore[import-not-found]  # noqa: E402
from shop_history import ShopHistory  # type: ignore[import-not-found]  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 600_000
WIDE, NARROW = 1120, 360


class Picture(NamedTuple):
    """A picture: its name, what it shows, how wide, and for whom."""

    name: str
    path: str
    width: int = WIDE
    height: int = 900
    scheme: str = "light"
    language: str = "en"


def pictures(history: Any) -> list[Picture]:
    """Return what is kept; the order is one that arrived."""
    delivered = history.sandbox.sent_orders()[-1]["externalOrderId"]
    return [
        Picture("overview", "/?period=30d", height=1130),
        Picture("overview-dark-uk", "/?period=30d", height=1130, scheme="dark", language="uk"),
        Picture("overview-phone-uk", "/?period=30d", NARROW, 1300, language="uk"),
        Picture("list", "/orders?period=30d", height=560),
        Picture("order", f"/order/{delivered}", height=760),
    ]


def main() -> None:
    """Take them all; exit 1 if they are too large to be kept."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Sandbox(customers=160, orders=520, seed=1) as sandbox:
        history = ShopHistory(sandbox, Path(folder), days=20)
        history.write()
        with served(history.config) as page, chromium() as browser:
            for one in pictures(history):
                size = {"width": one.width, "height": one.height}
                with looking(browser, viewport=size, color_scheme=one.scheme, locale=one.language) as shown:
                    shown.goto(page.url + one.path)
                    shown.screenshot(path=FOLDER / f"{one.name}.png")
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.png"))}
    print("\n".join(f"{name}: {size / 1000:.0f} kB" for name, size in sizes.items()))
    sys.exit(sum(sizes.values()) > MOST_BYTES)


if __name__ == "__main__":
    main()
