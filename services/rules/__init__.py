"""What may happen: the rules of recognition, pure and deterministic, standard library only."""
