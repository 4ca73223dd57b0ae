"""Over real TLS, with an authority of the tests: who cannot prove who he is learns nothing, and who can is believed."""

from __future__ import annotations

import datetime as dt
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from tls_server import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Program

NOW = dt.datetime.now(dt.timezone.utc)
DAY = dt.timedelta(days=1)


def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert]:
    return {
        "of another name": authority.issue_cert("esputnik.com", "shop.example.com"),
        "of the address instead of the name": authority.issue_cert("127.0.0.1"),
        "expired": authority.issue_cert("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY),
        "not valid yet": authority.issue_cert("localhost", not_before=NOW + DAY, not_after=NOW + 9 * DAY),
        "of nobody we trust": trustme.CA().issue_cert("localhost"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "of another name",
        "of the address instead of the name",
        "expired",
        "not valid yet",
        "of nobody we trust",
    ],
)
def test_a_certificate_that_proves_nothing_ends_the_run_before_a_byte_is_sent(
    kind: str, program: Program, authority: trustme.CA, bundle: str, showing: Callable[..., ssl.SSLContext]
) -> None:
    with Recorder(showing(certificates(authority)[kind])) as server:
        ended = program.run(server.url, ca_bundle=bundle)
    assert server.knocks > 0
    assert server.seen == b""
    assert_refused(ended.code, ended.said, program)


def test_an_authority_of_ones_own_is_believed_if_it_is_named_and_only_then(
    program: Program, authority: trustme.CA, bundle: str, showing: Callable[..., ssl.SSLContext]
) -> None:
    with Recorder(showing(authority.issue_cert("localhost"))) as server:
        refused = program.run(server.url)
        assert server.seen == b""
        assert_refused(refused.code, refused.said, program)
        reached = program.run(server.url, ca_bundle=bundle)
    assert server.seen != b""
    assert "certificate" not in reached.said
    assert not any(secret in reached.said for secret in program.secrets)


def test_a_certificate_that_signs_itself_is_believed_only_if_it_is_named(
    program: Program, tmp_path: Path, showing: Callable[..., ssl.SSLContext]
) -> None:
    alone = trustme.CA()  # its own certificate names nobody, so what it signs does
    leaf = alone.issue_cert("localhost")
    with Recorder(showing(leaf)) as server:
        ended = program.run(server.url)
    assert server.seen == b""
    assert_refused(ended.code, ended.said, program)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_no_variable_of_the_environment_makes_anybody_believed(
    variable: str, program: Program, authority: trustme.CA, bundle: str, showing: Callable[..., ssl.SSLContext]
) -> None:
    with Recorder(showing(authority.issue_cert("localhost"))) as server:
        ended = program.run(server.url, environment={variable: bundle, "PYTHONHTTPSVERIFY": "0"})
    assert server.seen == b""
    assert_refused(ended.code, ended.said, program)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_no_variable_of_the_environment_outranks_the_setting(
    variable: str,
    program: Program,
    authority: trustme.CA,
    bundle: str,
    tmp_path: Path,
    showing: Callable[..., ssl.SSLContext],
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with Recorder(showing(authority.issue_cert("localhost"))) as server:
        program.run(server.url, ca_bundle=bundle, environment={variable: str(other)})
        assert server.seen != b""
        before = bytes(server.seen)
        refused = program.run(server.url, ca_bundle=str(other), environment={variable: bundle})
    assert server.seen == before
    assert_refused(refused.code, refused.said, program)


def test_a_server_that_speaks_no_tls_is_sent_no_request(program: Program) -> None:
    with Recorder() as server:
        ended = program.run(server.url.replace("http://", "https://"))
    assert not any(secret.encode() in server.seen for secret in program.secrets)
    assert b"HTTP/1.1" not in server.seen
    assert_refused(ended.code, ended.said, program)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_bundle_that_is_none_is_told_before_anything_is_sent(
    content: str | None, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with Recorder() as server:
        ended = program.run(server.url.replace("http://", "https://"), ca_bundle=str(path))
    assert server.knocks == 0
    assert ended.code == 2
    assert "ca_bundle" in ended.said
    assert str(path) not in ended.said
    assert "Traceback" not in ended.said


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_no_older_protocol_than_tls_1_2_is_spoken(
    program: Program, authority: trustme.CA, bundle: str, showing: Callable[..., ssl.SSLContext]
) -> None:
    old = showing(authority.issue_cert("localhost"))
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with Recorder(old) as server:
        ended = program.run(server.url, ca_bundle=bundle)
    assert server.failed
    assert server.seen == b""
    assert ended.code in {1, 2}


def assert_refused(code: int, said: str, program: Program) -> None:
    assert code == 2
    assert "certificate" in said
    assert "ca_bundle" in said
    assert "Traceback" not in said
    assert not any(secret in said for secret in program.secrets)
