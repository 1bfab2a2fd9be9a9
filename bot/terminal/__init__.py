"""What talks with whoever sits at the terminal: consoles, prompts, progress, a conversation."""
