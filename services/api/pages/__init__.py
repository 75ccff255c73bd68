"""The pages that people see: HTML made on the server, over the same functions that the JSON routes call."""
