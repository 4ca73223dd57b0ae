"""Many shops in one Meltano project: what `shops.yml` says of them, as plugins, jobs and schedules."""
