"""What a question asks for (a cell, code, model, quantity, colour), and what in the manuals has it."""
