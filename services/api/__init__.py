"""Who asks: HTTP in, one question or one command, an answer out."""
