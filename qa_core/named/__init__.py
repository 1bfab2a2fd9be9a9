"""Which product, manual or version a question names, by whatever names the manuals have for it."""
