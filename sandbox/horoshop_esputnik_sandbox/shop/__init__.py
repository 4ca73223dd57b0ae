"""The stand-in of a Horoshop shop and its API, after horoshop-api.md."""
