"""Asks GIMP's main loop again and again, from a process of its own: how long it takes to answer.

`python3 heart.py PID FILE` writes a line to FILE for each answer: when it was asked, how long the
answer took, and for how long GIMP's main thread was at work meanwhile, all in seconds.
"""

import sys
import time
from pathlib import Path

from gi.repository import Gio, GLib

PAUSE = 0.005
PLACE = ("org.gimp.GIMP.UI", "/org/gimp/GIMP/UI", "org.freedesktop.DBus.Properties", "GetAll")


def main(process, file):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    asked = GLib.Variant("(s)", ("org.gimp.GIMP.UI",))
    schedule = Path(f"/proc/{process}/task/{process}/schedstat")

    def worked():
        return int(schedule.read_text().split()[0]) / 1e9

    with Path(file).open("w", buffering=1) as beats:
        while True:
            began, before = time.monotonic(), worked()
            bus.call_sync(*PLACE, asked, None, Gio.DBusCallFlags.NONE, 60_000, None)
            beats.write(f"{began} {time.monotonic() - began} {worked() - before}\n")
            time.sleep(PAUSE)


main(*sys.argv[1:])
