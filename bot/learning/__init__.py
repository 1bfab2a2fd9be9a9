"""Retrainings as people start and follow them, and whom they concern."""
