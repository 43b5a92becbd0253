"""Runs every check of a module inside GIMP and writes how each of them ended."""

import importlib
import json
import sys
import traceback
from pathlib import Path


def run(module, folders, answer):
    """Import `module` from `folders` and run its checks; `answer` is written as JSON."""
    sys.path[:0] = folders
    ended = {}
    for name, check in vars(importlib.import_module(module)).items():
        if name.startswith("check_"):
            try:
                check()
            except Exception:  # noqa: BLE001  # whatever it is, it is that check's end
                ended[name] = traceback.format_exc()
            else:
                ended[name] = ""
    Path(answer).write_text(json.dumps(ended))
