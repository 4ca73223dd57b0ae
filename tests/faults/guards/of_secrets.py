"""Guards of secrets and of personal data: shown to nobody, sent to nobody but the host of the setting."""

from __future__ import annotations

from typing import Final

from guards.guard import Guard

SECURITY: Final = "tests/security"
CERTIFICATES: Final = f"{SECURITY}/test_certificates_are_always_verified.py::"
WHOM: Final = f"{SECURITY}/test_whom_the_programs_speak_to.py::"
OWNER: Final = f"{SECURITY}/test_the_ledger_is_its_owners_alone.py::"
SECRETS: Final = f"{SECURITY}/test_secrets_stay_where_they_are.py::"
KINDS: Final = f"{SECURITY}/test_no_setting_of_a_wrong_kind_is_shown.py::"
TYPED: Final = f"{SECURITY}/test_what_a_shopper_typed_is_text.py::"
PAGE: Final = "tests/target/web/test_nothing_personal_and_nothing_foreign_gets_out.py::"
VISITORS: Final = "tests/target/web/test_only_who_may_can_look.py::"
MASKED: Final = "tests/properties/test_no_part_of_a_secret_is_told.py::"
INPUT: Final = "tests/target/protocol/test_bad_input_gets_a_clear_error.py::"
ERASED: Final = "tests/target/cli/test_an_erased_person_stays_erased.py::"

GUARDS: Final = (
    # ---------------------------------------------------------------- whom the programs speak to
    Guard(
        "the shop's certificate is verified",
        "tap_horoshop/client.py",
        "verify=self._session.verify or True,",
        "verify=False,",
        (f"{CERTIFICATES}test_an_authority_of_ones_own_is_believed_if_it_is_named_and_only_then[tap-horoshop]",),
    ),
    Guard(
        "eSputnik's certificate is verified",
        "target_esputnik/connection.py",
        "session.verify = ca_bundle or True",
        "session.verify = False",
        (f"{CERTIFICATES}test_an_authority_of_ones_own_is_believed_if_it_is_named_and_only_then[target-esputnik]",),
    ),
    Guard(
        "nothing in the environment gives the shop other credentials",
        "tap_horoshop/connection.py",
        "session.trust_env = False",
        "session.trust_env = True",
        ("tests/tap/test_failures.py::test_netrc_gives_no_credentials",),
    ),
    Guard(
        "nothing in the environment makes somebody else eSputnik",
        "target_esputnik/connection.py",
        "session.trust_env = False",
        "session.trust_env = True",
        (
            f"{CERTIFICATES}test_no_variable_of_the_environment_makes_anybody_believed[target-esputnik-REQUESTS_CA_BUNDLE]",
            f"{CERTIFICATES}test_no_variable_of_the_environment_makes_anybody_believed",
        ),
    ),
    Guard(
        "no redirect takes the key of eSputnik elsewhere",
        "target_esputnik/transport.py",
        "allow_redirects=False,",
        "allow_redirects=True,",
        (f"{WHOM}test_a_redirect_to_another_host_is_not_followed_and_nothing_is_given_away_there",),
    ),
    Guard(
        "the shop's address is of the internet when it is connected with",
        "tap_horoshop/connection.py",
        "if allows is not None and not allows(str(connected.getpeername()[0])):",
        "if False:",
        (f"{WHOM}test_a_name_that_leads_elsewhere_once_it_was_checked_gets_not_a_byte[tap]",),
    ),
    Guard(
        "eSputnik's address is of the internet when it is connected with",
        "target_esputnik/connection.py",
        "if allows is not None and not allows(str(connected.getpeername()[0])):",
        "if False:",
        (f"{WHOM}test_a_name_that_leads_elsewhere_once_it_was_checked_gets_not_a_byte[target]",),
    ),
    Guard(
        "a host of a private network is not even knocked at by the tap",
        "tap_horoshop/connection.py",
        "if allows is not None and not all(map(allows, addresses_of(self.host))):",
        "if False:",
        (f"{WHOM}test_a_name_that_leads_to_a_private_address_is_refused_and_not_even_knocked_at",),
    ),
    Guard(
        "the tap knows a private address in every spelling",
        "tap_horoshop/hosts.py",
        "return _is_global(address) and all(map(_is_global, _wrapped(address)))",
        "return _is_global(address)",
        (f"{WHOM}test_an_address_that_is_not_of_the_internet_is_refused_in_every_form",),
    ),
    Guard(
        "the target knows a private address in every spelling",
        "target_esputnik/hosts.py",
        "return _is_global(address) and all(map(_is_global, _wrapped(address)))",
        "return _is_global(address)",
        (f"{WHOM}test_an_address_that_is_not_of_the_internet_is_refused_in_every_form",),
    ),
    Guard(
        "the shop's password goes unencrypted to this machine alone",
        "tap_horoshop/connection.py",
        'if parts.scheme == "http" and not is_loopback(host):',
        "if False:",
        (f"{WHOM}test_an_address_that_is_not_a_host_over_tls_is_no_setting[tap-horoshop]",),
    ),
    Guard(
        "eSputnik's key goes unencrypted to this machine alone",
        "target_esputnik/settings.py",
        'elif parts.scheme == "http" and not is_loopback(host):',
        "elif False:",
        (f"{WHOM}test_an_address_that_is_not_a_host_over_tls_is_no_setting[target-esputnik]",),
    ),
    Guard(
        "no proxy sees what the tap sends to this machine",
        "tap_horoshop/connection.py",
        'if url.startswith("https://") and not is_loopback(host):',
        "session.proxies = dict(requests.utils.get_environ_proxies(url))\n    if False:",
        (f"{WHOM}test_no_proxy_is_asked_for_this_machine[tap-horoshop]",),
    ),
    Guard(
        "a private address is not asked of a proxy either",
        "target_esputnik/client.py",
        "if not (is_loopback(host) or settings.allow_private_hosts) and leads_to_private(host):",
        "if False:",
        (f"{WHOM}test_a_private_address_is_not_asked_of_a_proxy_either",),
    ),
    # ---------------------------------------------------------------- what is said
    Guard(
        "the tap's HTTP library quotes no answer",
        "tap_horoshop/connection.py",
        'logging.getLogger("urllib3").setLevel(logging.ERROR)',
        'logging.getLogger("urllib3").setLevel(logging.DEBUG)',
        (f"{SECRETS}test_headers_that_cannot_be_read_are_not_quoted_in_a_warning[tap-horoshop]",),
    ),
    Guard(
        "the target's HTTP library tells no address that is searched for",
        "target_esputnik/connection.py",
        'logging.getLogger("urllib3").setLevel(logging.ERROR)',
        'logging.getLogger("urllib3").setLevel(logging.DEBUG)',
        (
            f"{SECRETS}test_headers_that_cannot_be_read_are_not_quoted_in_a_warning[target-esputnik]",
            f"{SECRETS}test_at_debug_both_processes_tell_no_secret_and_nobody",
        ),
    ),
    Guard(
        "an unforeseen error of the target is told without its words",
        "target_esputnik/console.py",
        "kind=type(error).__name__, place=steps",
        "kind=repr(error), place=steps",
        (f"{SECRETS}test_a_bug_of_ours_shows_where_it_is_and_nothing_of_what_it_met",),
    ),
    Guard(
        "a line that is no message is not shown",
        "target_esputnik/sinks.py",
        '        raise ProtocolError("not_json") from None',
        '        logger.exception(line)\n        raise ProtocolError("not_json") from None',
        (f"{INPUT}test_a_line_that_is_no_json_is_not_shown",),
    ),
    Guard(
        "a setting of the tap that is wrong is told without its value",
        "tap_horoshop/checked_settings.py",
        'return said("setting.enum", name=name, rule=',
        'return said("setting.enum", name=f"{name} {error.instance}", rule=',
        ("tests/tap/test_secrets.py::test_a_setting_that_is_wrong_is_named_and_its_value_never_shown[name_order-24]",),
    ),
    Guard(
        "a setting of the target that is wrong is told without its value",
        "target_esputnik/settings.py",
        'return said("setting.type", where=where, types=_type_names(rule))',
        'return said("setting.type", where=f"{where} {error.instance}", types=_type_names(rule))',
        (f"{KINDS}test_all_at_once_are_named_and_none_is_shown[target-esputnik]",),
    ),
    Guard(
        "the settings of the tap have no repr that could be logged",
        "tap_horoshop/checked_settings.py",
        "def __repr__(self)",
        "def as_text(self)",
        ("tests/tap/test_secrets.py::test_the_repr_of_settings_shows_none_of_them",),
    ),
    Guard(
        "the settings of the target have no repr that could be logged",
        "target_esputnik/settings.py",
        "def __repr__(self)",
        "def as_text(self)",
        (f"{INPUT}test_the_repr_of_settings_shows_none_of_them",),
    ),
    Guard(
        "under Airbyte a secret is masked in what is told",
        "singer_airbyte/masking.py",
        "masked += text[done:begin] + MASK",
        "masked += text[done:end]",
        (f"{MASKED}test_whatever_belongs_to_a_secret_is_masked_and_nothing_else",),
    ),
    Guard(
        "under Airbyte a secret is masked in base64, too",
        "singer_airbyte/masking.py",
        "yield run.span()",
        "pass",
        (f"{MASKED}test_no_spelling_saves_it",),
    ),
    Guard(
        "under Airbyte the password in an address is a secret, too",
        "singer_airbyte/masking.py",
        "password = urlsplit(secret).password",
        "pass",
        (f"{MASKED}test_the_password_in_a_secret_url_is_one_too",),
    ),
    # ---------------------------------------------------------------- the ledger is its owner's
    Guard(
        "the ledger's file is its owner's alone",
        "target_esputnik/ledger/connection.py",
        "os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))",
        "path.touch()",
        (f"{OWNER}test_file_log_memory_and_lock_are_0600_and_the_folder_is_0700_while_a_run_goes_on",),
    ),
    Guard(
        "the ledger's folder is its owner's alone",
        "target_esputnik/ledger/connection.py",
        "path.parent.mkdir(mode=0o700, parents=True)\n                path.parent.chmod(0o700)",
        "path.parent.mkdir(parents=True)",
        (f"{OWNER}test_file_log_memory_and_lock_are_0600_and_the_folder_is_0700_while_a_run_goes_on",),
    ),
    Guard(
        "the ledger's lock is its owner's alone",
        "target_esputnik/ledger/store.py",
        "LOCK_MODE: Final = 0o600",
        "LOCK_MODE: Final = 0o666",
        (f"{OWNER}test_file_log_memory_and_lock_are_0600_and_the_folder_is_0700_while_a_run_goes_on",),
    ),
    Guard(
        "git does not see the ledger",
        "target_esputnik/ledger/connection.py",
        "# the ledger holds personal data\\n*\\n",
        "# the ledger holds personal data\\n",
        (f"{OWNER}test_git_does_not_see_the_ledger",),
    ),
    Guard(
        "an account of this machine never passes for the real one with its number",
        "target_esputnik/settings.py",
        'return "loopback:" if is_loopback(urlsplit(self.api_url).hostname or "") else ""',
        'return ""',
        (
            (
                "tests/target/ledger/test_accounts_and_shops_are_apart.py::TestASandbox::"
                "test_its_rows_are_of_a_loopback_account"
            ),
        ),
    ),
    Guard(
        "where the ledger lies is shown without its password",
        "target_esputnik/ledger/connection.py",
        "return f\"{url.get_backend_name()}://{url.host or ''}/{url.database or ''}\"",
        "return url.render_as_string(hide_password=False)",
        ("tests/target/ledger/test_a_ledger_is_opened_with_care.py::test_where_it_lies_is_shown_without_who_opens_it",),
    ),
    # ---------------------------------------------------------------- the page and the terminal
    Guard(
        "a field that is not known counts as personal",
        "target_esputnik/web/masks.py",
        "return hint(str(value)) if hint is not None else HIDDEN",
        "return hint(str(value)) if hint is not None else value",
        (f"{PAGE}test_a_field_that_is_not_known_counts_as_personal",),
    ),
    Guard(
        "an address is masked to a hint",
        "target_esputnik/web/masks.py",
        'return f"{name[0]}***@{domain[0]}***" + (f".{last}" if last.isalnum() else "")',
        "return text",
        (f"{PAGE}test_a_mask_keeps_a_hint_and_no_more",),
    ),
    Guard(
        "with --masked nothing personal is shown",
        "target_esputnik/cli/shown.py",
        "return value if name in PLAIN else HIDDEN",
        "return value",
        ("tests/target/cli/test_one_record_is_told_whole.py::TestMasked::test_nothing_personal_is_shown",),
    ),
    Guard(
        "the page answers to no foreign name",
        "target_esputnik/web/safety.py",
        'if not self._host_is_ours(given.get(b"host", "")):',
        "if False:",
        (f"{VISITORS}test_a_name_that_is_not_ours_is_not_answered",),
    ),
    Guard(
        "the page asks for its password",
        "target_esputnik/web/safety.py",
        'if self._password is not None and not await self._password.is_given_by(given.get(b"authorization", "")):',
        "if False:",
        (f"{VISITORS}test_with_a_password_nobody_looks_without_it",),
    ),
    Guard(
        "another site cannot search on the page",
        "target_esputnik/web/safety.py",
        'return given.get(b"sec-fetch-site", "same-origin") in {"same-origin", "none"}',
        "return True",
        (f"{VISITORS}test_a_search_from_another_site_is_refused",),
    ),
    Guard(
        "a cell that a spreadsheet would run is defused",
        "target_esputnik/web/download.py",
        'return f"\'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text',
        "return text",
        (f"{PAGE}test_every_beginning_of_a_formula_is_known",),
    ),
    Guard(
        "what a shopper typed steers no terminal",
        "target_esputnik/text.py",
        'return text if text.isprintable() else without_invisible("".join(map(_printable, text)))',
        "return text",
        (f"{TYPED}test_no_command_lets_it_steer_a_terminal_or_begin_a_line",),
    ),
    # ---------------------------------------------------------------- who was erased is gone
    Guard(
        "of an erased contact nothing is kept",
        "target_esputnik/ledger/rows.py",
        "self.asked_at = self.delivered_at = self.registered_at = self.record = self.answer = None",
        "self.asked_at = self.delivered_at = self.registered_at = None",
        (f"{ERASED}TestHere::test_nothing_of_him_is_left_in_any_byte_of_the_ledger",),
    ),
    Guard(
        "of an erased person's orders nothing is kept",
        "target_esputnik/ledger/rows.py",
        "self.content = self.version = self.record = self.answer = None",
        "self.content = self.version = None",
        (f"{ERASED}TestHere::test_nothing_of_him_is_left_in_any_byte_of_the_ledger",),
    ),
    Guard(
        "of what was sent of an erased person nothing is kept",
        "target_esputnik/ledger/persons.py",
        "        ledger.forget_sends(person.sends)\n",
        "",
        (f"{ERASED}TestHere::test_nothing_of_him_is_left_in_any_byte_of_the_ledger",),
    ),
)
