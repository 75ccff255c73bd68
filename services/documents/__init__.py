"""What leaves the house: data in, bytes out; no database, no HTTP, no Temporal."""
