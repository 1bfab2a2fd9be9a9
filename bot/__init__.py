"""The command line, and the bot in Slack or in a workspace of its own. Imports qa_core and training."""
