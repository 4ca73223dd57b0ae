"""The statistics page of `esputnik-ledger serve`: what the ledger knows, for people who look. It only reads.

What is imported beyond the plain target comes with the extra `target-esputnik[web]`; nothing outside of this package
may import from it but the command, when it is called.
"""
