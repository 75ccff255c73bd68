"""The schema's history, one revision a file; `services/records/migrating.py` runs it."""
