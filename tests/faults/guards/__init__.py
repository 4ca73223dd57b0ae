"""The guards: every line of the packages that a promise hangs on, as a table.

Were it wrong, consent would be lost, a customer mailed twice, a record lost, another sum sent, or a secret shown.

A guard is a `Guard` (`guard.py`): a name that reads as a phrase, the line, the same line broken, and the tests that
must fail then. Each room has a file of its own with a tuple `GUARDS`; `every_guard.py` joins them. `copies.py` breaks a
copy of the package and runs the tests on it; `test_every_guard_is_missed.py` has it done for every guard.

To add a guard, append it to its room.
"""
