"""The encoder in training, and how much it counts in ranking."""
