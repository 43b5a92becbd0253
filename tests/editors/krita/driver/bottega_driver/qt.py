"""Qt for the driver and its scenarios, whichever of the two this Krita is made with."""

import pykrita

__all__ = ["QtCore", "QtWidgets"]

# Not the plug-in's own module: a driver has to end Krita even where the plug-in can't be loaded.
if getattr(pykrita, "qt_major_version", lambda: 5)() == 6:
    from PyQt6 import QtCore, QtWidgets
else:
    from PyQt5 import QtCore, QtWidgets
