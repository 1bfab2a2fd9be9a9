"""Markdown, of whatever dialect → a manual's headings, paragraphs, lists and tables."""
