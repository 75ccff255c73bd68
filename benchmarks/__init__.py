"""How fast Acquis is, each figure beside the limit that this machine allows in the same run."""
