"""Slack's side of the bot: its Web API and Socket Mode, and posting once, in time, and only where it may."""
