"""The memory: what was read, sent and answered. Only this room speaks SQL."""
