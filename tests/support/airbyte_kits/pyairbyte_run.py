"""PyAirbyte in `.venv-airbyte`: reads with the source, writes with the destination, and tells what it did.

Called as `python pyairbyte_run.py '{"commands": …, "source": {…}, "destination": {…}, "cache": …}'`. Prints one line of
JSON: {stream: records read}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from airbyte.caches import DuckDBCache

import airbyte as ab


def main() -> None:
    """Run it once."""
    told = json.loads(sys.argv[1])
    commands = Path(told["commands"])
    source = ab.get_source(
        "source-horoshop", config=told["source"], local_executable=commands / "source-horoshop", streams="*"
    )
    source.check()
    destination = ab.get_destination(
        "destination-esputnik", config=told["destination"], local_executable=commands / "destination-esputnik"
    )
    destination.check()
    cache = DuckDBCache(db_path=told["cache"], schema_name="main")
    written = destination.write(source, cache=False, state_cache=cache)
    print("told:" + json.dumps({"records": written.processed_records}))


if __name__ == "__main__":
    main()
