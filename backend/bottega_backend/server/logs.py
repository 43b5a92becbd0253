"""How the server's log is written: lines for people, or a line of JSON each for programs.

Neither holds a prompt unless that is asked for, nor an artist's name, address or token.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

FIELDS = ("job", "id", "worker", "code")
"""What a call of the log may give as `extra`, and a line of JSON has as a field of its own.

`job` is a job's number, `id` the one that its owner gave it, in hexadecimal.
"""

PEOPLE = "%(asctime)s %(levelname)s %(message)s"


@dataclass(frozen=True)
class Logging:
    """`json` for programs; `quiet` leaves out all but warnings; `prompts` are private matters."""

    json: bool = False
    quiet: bool = False
    prompts: bool = False


class JsonLines(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, and those of FIELDS that are known."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(wanted: Logging) -> None:
    """Log to standard error from here on, in place of whatever was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if wanted.json else logging.Formatter(PEOPLE))
    level = logging.WARNING if wanted.quiet else logging.INFO
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
