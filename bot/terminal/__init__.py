"""What talks with whoever sits at the terminal: prompts, progress, a conversation."""
