"""What did happen: every table, every query, the blobs, the audit log."""
