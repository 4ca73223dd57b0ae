"""The fault matrix: everything that may go wrong around a run, as a table of cases, and what must hold after each.

A case is a `FaultCase` (`case.py`): a name that reads as a phrase, how to strike, and which exit codes would be true.
Each group has a file of its own with a list `CASES`; `all_cases` joins them. `test_whatever_happens.py` plays every
case on a `Stage` (`stage.py`) and then asks the seven `INVARIANTS` (`invariants.py`), each of which says what is wrong.

To add a case, append it to its group's list. To strike in a new way, write a class with the three methods of `Strike`.
"""
