"""Hold a connector's metadata.yaml against Airbyte's own model of it; called with the connector's folder."""

import sys
from pathlib import Path

import yaml
from airbyte_connector_models.metadata.v0.connector_metadata_definition_v0 import ConnectorMetadataDefinitionV0

text = (Path(sys.argv[1]) / "metadata.yaml").read_text(encoding="utf-8")
ConnectorMetadataDefinitionV0.model_validate(yaml.safe_load(text))
