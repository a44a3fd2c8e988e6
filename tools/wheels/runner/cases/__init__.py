"""The parts of the runner: marks, fixtures, collection, execution. Start at `collect.py`, then `execute.py`."""
