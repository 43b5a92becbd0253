"""Lets `python -m bottega_backend` do what `bottega` does."""

from __future__ import annotations

import sys

from bottega_backend.cli.main import main

sys.exit(main())
