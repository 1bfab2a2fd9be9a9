"""`python -m bot` is the `manualbot` command."""

import sys

from bot.start import main

if __name__ == "__main__":
    sys.exit(main())
