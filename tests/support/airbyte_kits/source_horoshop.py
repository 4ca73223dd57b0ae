"""`source-horoshop`, where Airbyte's standard tests look for it."""

from connector_process import ConnectorProcess


class SourceHoroshop(ConnectorProcess):
    """The command of that name."""

    command = "source-horoshop"
