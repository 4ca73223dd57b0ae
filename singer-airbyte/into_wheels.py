"""Builds the adapter into a plugin's wheel, under the plugin's own name, so that the wheel needs no other one.

A hook of hatchling, for the packages beside this folder. An editable install has the adapter itself, and needs none.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ADAPTER = Path(__file__).parent / "singer_airbyte"
IMPORT = re.compile(r"^(\s*from )singer_airbyte\b", re.MULTILINE)


class IntoWheel(BuildHookInterface[Any]):
    """Puts the adapter beside the plugin's modules, and lets all of them import it from there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files, with their imports rewritten."""
        self.folder = Path(tempfile.mkdtemp())
        if version == "editable":
            return
        package = self.metadata.name.replace("-", "_")
        files = {f"singer_airbyte/{path.name}": path for path in sorted(ADAPTER.iterdir()) if path.is_file()}
        files["airbyte.py"] = Path(self.root) / package / "airbyte.py"
        for name, path in files.items():
            rewritten = self.folder / name.replace("/", "-")
            text = IMPORT.sub(rf"\g<1>{package}.singer_airbyte", path.read_text(encoding="utf-8"))
            rewritten.write_text(text, encoding="utf-8")
            build_data["force_include"][str(rewritten)] = f"{package}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Take the rewritten files away."""
        shutil.rmtree(self.folder)
