"""A connector that runs elsewhere, as a class of Airbyte's kit: its standard tests speak to classes only.

Runs in `.venv-airbyte`, where neither tap nor target is installed; `CONNECTORS` names the folder of their commands.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    ConnectorSpecification,
    Type,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Mapping


class ConnectorProcess(Source):
    """Each verb runs the command, and hands on what it prints."""

    command: ClassVar[str]

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """The form."""
        return self._one(Type.SPEC, "spec").spec

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """The connection."""
        return self._one(Type.CONNECTION_STATUS, "check", config=config).connectionStatus

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """The streams."""
        return self._one(Type.CATALOG, "discover", config=config).catalog

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[Any] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """The records."""
        yield from self._run("read", config=config, catalog=ConfiguredAirbyteCatalogSerializer.dump(catalog))

    def _one(self, kind: Type, verb: str, **files: Any) -> AirbyteMessage:
        return next(message for message in self._run(verb, **files) if message.type == kind)

    def _run(self, verb: str, **files: Any) -> Iterator[AirbyteMessage]:
        with tempfile.TemporaryDirectory() as folder:
            arguments = [verb]
            for name, content in files.items():
                path = Path(folder) / f"{name}.json"
                path.write_text(json.dumps(content, default=dict), encoding="utf-8")
                arguments += [f"--{name}", str(path)]
            command = [str(Path(os.environ["CONNECTORS"]) / self.command), *arguments]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        messages = [AirbyteMessageSerializer.load(json.loads(line)) for line in done.stdout.splitlines()]
        yield from messages
        if done.returncode:
            raise AirbyteTracedException(message=f"{self.command} {verb} ended with {done.returncode}")
