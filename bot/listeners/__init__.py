"""What Slack sends, one file a feature: plain functions that `bot/app.py` puts in one table."""
