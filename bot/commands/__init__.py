"""The commands of `manualbot`, one file each."""
