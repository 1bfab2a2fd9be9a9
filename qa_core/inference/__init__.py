"""Model folders, and how they run: tokens in, logits or vectors out, on the runtime that a release names."""
