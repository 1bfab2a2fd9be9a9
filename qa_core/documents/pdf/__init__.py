"""PDF → a manual's headings, paragraphs, lists and tables."""
