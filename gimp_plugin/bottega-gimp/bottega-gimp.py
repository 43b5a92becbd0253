#!/usr/bin/env python3
"""The script that GIMP runs: it hands over to the package beside it."""

import sys

from bottega_gimp.plugin import main

main(sys.argv)
