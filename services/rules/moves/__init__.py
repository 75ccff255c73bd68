"""The rows of the table of moves, by what they are about; each has its content in `services/records/moves`."""
