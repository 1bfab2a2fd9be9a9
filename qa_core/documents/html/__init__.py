"""HTML, of whatever tool → a manual's headings, paragraphs, lists and tables."""
