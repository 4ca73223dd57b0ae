"""Keep the Ukrainian catalogues in step with the sentences of the code, or check that they are.

`make docs` writes each `locale/uk/LC_MESSAGES/PACKAGE.po` anew: with new sentences, not yet translated, and without
those that are said no more. It compiles the `.mo` beside it, which is what the packages read, so that installing needs
no build step. With --check nothing is written, and exit 1 says what is stale or untranslated.
"""

import argparse
import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import tap_horoshop.catalogue
import tap_horoshop.tap
import tap_horoshop.words
import target_esputnik.catalogue
import target_esputnik.cli
import target_esputnik.target
import target_esputnik.words
from target_esputnik.cli.click_words import CLICK
from target_esputnik.cli.words import ENGLISH
from target_esputnik.confirmation import ROUTES, RULES
from target_esputnik.fates import FATES, REASONS
from target_esputnik.web.words import PAGE

ROOT = Path(__file__).resolve().parent.parent
Sentence = str | tuple[str, str]
PACKAGES = {"tap_horoshop": "tap-horoshop", "target_esputnik": "target-esputnik"}


class SteadyCatalog(Catalog):
    """A catalogue without dates and versions of tools: its files are the same on every machine."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Return the header's lines."""
        told = {"Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
        return [(name, value) for name, value in super().mime_headers if name in told]


def sentences(package: str) -> list[Sentence]:
    """Return everything that a package says, each once, in the order of its tables; a pair is one and many."""
    said = _of_tap() if package == "tap_horoshop" else _of_target()
    return [sentence for sentence in dict.fromkeys(said) if sentence]


def _of_tap() -> Iterator[Sentence]:
    for entry in tap_horoshop.catalogue.CATALOGUE.values():
        yield from (entry.cause, entry.action)
    yield from tap_horoshop.words.SENTENCES.values()
    yield tap_horoshop.tap.LANG_HELP


def _of_target() -> Iterator[Sentence]:
    for entry in target_esputnik.catalogue.CATALOGUE.values():
        yield from (entry.cause, entry.action)
    yield from target_esputnik.words.SENTENCES.values()
    yield target_esputnik.target.LANG_HELP
    yield from FATES.values()
    for _, meaning, follows in REASONS.values():
        yield from (meaning, follows)
    yield from (rule.why for rule in RULES)
    yield from ROUTES.values()
    yield from ENGLISH.values()
    yield from PAGE.values()
    yield from CLICK


def po_path(package: str) -> Path:
    """Return the place of a package's catalogue."""
    return ROOT / PACKAGES[package] / package / "locale" / "uk" / "LC_MESSAGES" / f"{package}.po"


def catalogue(package: str) -> Catalog:
    """Return the catalogue that a package should have: its sentences, with the translations that there are."""
    path = po_path(package)
    old = read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale="uk")
    new = SteadyCatalog("uk", project=package, fuzzy=False, header_comment=f"# Ukrainian of {package}.")
    for sentence in sentences(package):
        known = old.get(sentence[0] if isinstance(sentence, tuple) else sentence)
        empty: str | tuple[str, ...] = ("",) * new.num_plurals if isinstance(sentence, tuple) else ""
        kept = known.string if known is not None and type(known.string) is type(empty) else empty
        new.add(sentence, kept)
    return new


def problems(package: str) -> Iterator[str]:
    """Yield what is wrong with the translations of a package."""
    for message in catalogue(package):
        if not message.id:
            continue
        ids, told = _forms(message.id), _forms(message.string)
        if not all(told):
            yield f"{package}: no translation of {ids[0]!r}"
        elif any(_fields(one) not in map(_fields, ids) for one in told):
            yield f"{package}: other placeholders in the translation of {ids[0]!r}"


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _fields(text: str) -> list[str]:
    """Return the placeholders of a sentence; one with a lone brace has none: it is never filled in."""
    try:
        return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})
    except ValueError:
        return []


def files(package: str) -> dict[Path, bytes]:
    """Return the two files of a package as they should be."""
    made = catalogue(package)
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, made, width=116, no_location=True, omit_header=False)
    write_mo(mo, made)
    path = po_path(package)
    return {path: po.getvalue(), path.with_suffix(".mo"): mo.getvalue()}


def main() -> None:
    """Write what is stale; with --check only name it. Exit 1 if something is stale or not translated."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something is stale")
    check = parser.parse_args().check
    wrong = False
    for package in PACKAGES:
        for path, content in files(package).items():
            if path.exists() and path.read_bytes() == content:
                continue
            wrong |= check
            print(f"{path.relative_to(ROOT)}: {'stale, run `make docs`' if check else 'written'}")
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        for problem in problems(package):
            wrong = True
            print(problem)
    print("translations: " + ("see above" if wrong else "whole and fresh"))
    sys.exit(wrong)


if __name__ == "__main__":
    main()
