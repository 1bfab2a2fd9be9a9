"""A small Slack workspace in the browser: it speaks Slack's protocols, so the bot in it is the real one."""
