"""The span reader in training: records, examples, windows, epochs, checkpoints."""
