"""What Slack shows: messages, modals and the App Home, made of Block Kit. Pure, without Slack."""
