"""A whole case on one machine, told step by step: everything in it is a visible sample."""
