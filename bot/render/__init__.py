"""What the bot has to say as text and as JSON, for the terminal and for Slack."""
