"""Makes better releases. Imports qa_core, never bot."""
