"""An invitation is pasted where an address would be: over TLS from then on, inside Krita."""

from dataclasses import asdict

from bottega_driver.qt import QtCore, QtWidgets
from krita import Selection

from bottega_krita import settings


def play(stage):
    document = stage.new(256, 256)
    yield lambda: document.activeNode() is not None
    yield from stage.clear_room()
    selection = Selection()
    selection.select(64, 64, 128, 128, 255)
    document.setSelection(selection)
    yield lambda: "No server" in stage.text("status")
    pasted = (stage.out / "invitation").read_text()
    QtCore.QTimer.singleShot(0, stage.docker().panel.status.connect_asked.emit)
    yield lambda: QtWidgets.QApplication.activeModalWidget() is not None
    dialog = QtWidgets.QApplication.activeModalWidget()
    token = dialog.findChild(QtWidgets.QLineEdit, "bottega_token")
    stage.note("token wanted", [token.isEnabled()])
    dialog.findChild(QtWidgets.QLineEdit, "bottega_url").setText(pasted)
    stage.note("token wanted then", token.isEnabled())
    yield 0.3
    stage.screenshot("dialog")
    dialog.accept()
    yield lambda: "Connected" in stage.text("status")
    yield 0.3
    stage.screenshot("connected")
    stage.note("said", stage.text("message"))
    stage.note("kept", asdict(settings.read_address()))
    stage.widget("steps").setValue(2)
    yield lambda: stage.text("plan") != ""
    yield from stage.click("begin")
    yield lambda: stage.newest is not None and stage.newest.state in ("placed", "failed")
    stage.note("state", stage.newest.state)
    stage.note("layers", stage.names(document.rootNode()))
