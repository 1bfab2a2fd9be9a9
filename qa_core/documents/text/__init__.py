"""Plain text → a manual's headings, paragraphs, lists and tables."""
