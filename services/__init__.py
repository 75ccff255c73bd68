"""Acquis: recognition of prior learning, from a portfolio to a credential and a letter."""
