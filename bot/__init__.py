"""The command line, and later Slack. Imports qa_core and training."""
