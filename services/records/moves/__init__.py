"""What each move writes: one file per part of the case, one registry by the move's name."""
