"""Builds what is not kept in the repository: the letters' fonts, and what the pages load in a browser."""
