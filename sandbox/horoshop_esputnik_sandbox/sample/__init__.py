"""A shop that never was: customers and orders of any number, each computed from its index."""
