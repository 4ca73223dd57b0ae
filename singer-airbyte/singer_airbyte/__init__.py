"""A tap or target of the Singer SDK as an Airbyte source or destination: the same code, in the same process.

    run_source(Source(TapX), sys.argv[1:])             spec | check | discover | read
    run_destination(Destination(TargetX), sys.argv[1:])   spec | check | write

What a plugin knows better than its class says, a subclass of `Source` or `Destination` says. No Airbyte package is
needed: the protocol is four verbs and lines of JSON.
"""

from singer_airbyte.destination import Destination, run_destination
from singer_airbyte.failures import AirbyteError, Failure, Kind
from singer_airbyte.incoming import Incoming
from singer_airbyte.source import Source, run_source

__all__ = [
    "AirbyteError",
    "Destination",
    "Failure",
    "Incoming",
    "Kind",
    "Source",
    "run_destination",
    "run_source",
]
