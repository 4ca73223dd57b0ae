"""`destination-esputnik`, where Airbyte's standard tests look for it."""

from connector_process import ConnectorProcess


class DestinationEsputnik(ConnectorProcess):
    """The command of that name."""

    command = "destination-esputnik"
