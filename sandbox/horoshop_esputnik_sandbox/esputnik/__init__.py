"""The stand-in of an eSputnik account and its API, after esputnik-api.md."""
