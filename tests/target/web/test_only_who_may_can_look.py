"""The page answers this machine; anybody else needs the password, and nobody's browser can be led to it by a name."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests
from page_driver import SCRIPT, served

from target_esputnik.errors import ConfigProblem
from target_esputnik.web.password import Password, hash_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Story
    from page_driver import Served

WORD = "correct horse battery"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - refused, or behind a password


def refused(config: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a server that must not start."""
    return subprocess.run(
        [SCRIPT, "serve", "--config", str(config), "--port", "0", *options],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:80", "10.0.0.1", "a@127.0.0.1"]
)
def test_a_name_that_is_not_ours_is_not_answered(host: str, page: Served) -> None:
    answer = requests.get(page.url, headers={"Host": host}, timeout=10)

    assert answer.status_code in {400, 421}
    assert "Orders" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:80", "LOCALHOST"])
def test_names_of_this_machine_are(host: str, page: Served) -> None:
    assert requests.get(page.url, headers={"Host": host}, timeout=10).status_code == 200


def test_every_answer_tells_browsers_what_they_may(page: Served) -> None:
    refusal = requests.get(page.url, headers={"Host": "evil.example"}, timeout=10)
    for answer in (page.get("/"), page.get("/orders.csv"), page.get("/nothing", code=404), refusal):
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert "server" not in headers
        assert "set-cookie" not in headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "OPTIONS"])
def test_nothing_can_be_written(method: str, page: Served) -> None:
    assert requests.request(method, f"{page.url}/orders", timeout=10).status_code in {404, 405}


def test_a_search_from_another_site_is_refused(page: Served) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert requests.post(f"{page.url}/find", data={"what": "1"}, headers=foreign, timeout=10).status_code == 405


def test_an_address_that_others_can_reach_needs_a_password(story: Story) -> None:
    ended = refused(story.config, "--host", EVERYWHERE)

    assert ended.returncode == 2
    assert "needs a password" in ended.stderr


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        ((), {"ESPUTNIK_LEDGER_PASSWORD": "short"}, "fewer than 12"),
        (("--time-zone", "Mars/Phobos"), {}, "no time zone"),
        (("--host", "no.such.host.invalid"), {}, "no address"),
        (("--password-file", "/no/such/file"), {}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_served(
    options: tuple[str, ...], environment: dict[str, str], words: str, story: Story
) -> None:
    ended = refused(story.config, *options, **environment)

    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert words in ended.stderr


def test_with_a_password_nobody_looks_without_it(story: Story, tmp_path: Path) -> None:
    (tmp_path / "hash").write_text(hash_of(WORD), encoding="utf-8")
    for options, environment in (
        ((), {"ESPUTNIK_LEDGER_PASSWORD": WORD}),
        (("--password-file", str(tmp_path / "hash")), {}),
    ):
        with served(story.config, *options, environment=dict(environment)) as page:
            page.get("/", code=401)
            page.get("/orders.csv", code=401, Authorization="Basic !!!")
            for word, code in ((WORD, 200), ("wrong horse battery", 401), (WORD, 200), ("", 401)):
                answer = requests.get(page.url, auth=("owner", word), timeout=20)
                assert answer.status_code == code
            assert "Basic" in page.get("/", code=401).headers["WWW-Authenticate"]


def test_on_all_addresses_numbers_are_answered_and_foreign_names_are_not(story: Story) -> None:
    options = ("--host", EVERYWHERE, "--allow-host", "stats.example")
    with served(story.config, *options, environment={"ESPUTNIK_LEDGER_PASSWORD": WORD}) as page:
        for host, code in (("192.0.2.7", 200), ("stats.example", 200), ("evil.example", 421)):
            answer = requests.get(page.url, headers={"Host": host}, auth=("", WORD), timeout=20)
            assert answer.status_code == code


def test_a_hash_that_is_none_is_said() -> None:
    with pytest.raises(ConfigProblem, match="no argon2 hash"):
        Password("plain text")


def test_a_plain_target_says_what_to_install(story: Story) -> None:
    program = (
        "import sys; sys.modules['starlette'] = None\n"
        "import target_esputnik.cli as cli\n"
        f"sys.argv = ['esputnik-ledger', 'serve', '--config', {str(story.config)!r}]\n"
        "sys.exit(cli.main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 2
    assert "target-esputnik[web]" in ended.stderr


def test_a_signal_ends_it_as_it_ends_every_command(story: Story) -> None:
    with served(story.config) as page:
        page.process.terminate()
        assert page.process.wait(timeout=20) == 143
