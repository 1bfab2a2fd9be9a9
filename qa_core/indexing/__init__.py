"""From the files in the sources to the current index: found, read once, split, embedded and switched to."""
