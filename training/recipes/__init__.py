"""How the shipped weights and the published figures were made, re-runnable."""
