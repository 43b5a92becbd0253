"""Through the docker's pages by mouse and keys: what it says, variations, history, queue."""

import json

from bottega_driver.qt import QtCore, QtWidgets
from krita import Selection

from bottega_krita import settings
from bottega_krita.extension import DEEDS

PROMPT = "a red ball"
STEPS, MANY = 6, 150
COUNT = 4
KEPT = ("count", "quality", "source")
NOTHING = "Nothing found."
OURS = {deed.name for deed in DEEDS}
TYPES = (
    QtWidgets.QAbstractButton,
    QtWidgets.QAbstractItemView,
    QtWidgets.QAbstractSlider,
    QtWidgets.QAbstractSpinBox,
    QtWidgets.QComboBox,
    QtWidgets.QLineEdit,
    QtWidgets.QPlainTextEdit,
    QtWidgets.QProgressBar,
)


def play(stage):
    stage.tell_of_server()
    document = stage.open("meadow.png")
    yield lambda: document.activeNode() is not None
    yield from stage.clear_room()
    yield lambda: "Connected" in stage.text("status")
    shortcuts(stage)
    yield from deeds(stage, document)
    yield from tabs(stage)
    yield from variations(stage, document)
    names(stage)
    yield from history(stage)
    yield from recent(stage)
    yield from without_selection(stage, document)
    yield from queue(stage, document)
    yield from hidden(stage)
    yield from by_hand(stage)


def shortcuts(stage):
    """Every key that Krita knows, and whose it is."""
    keys = {}
    for action in stage.app.actions():
        for key in action.shortcuts():
            keys.setdefault(key.toString(), []).append(action.objectName())
    stage.note("keys", {key: of for key, of in keys.items() if OURS & set(of)})
    stage.note("other keys", sum(not OURS & set(of) for of in keys.values()))
    stage.note(
        "customizable",
        all(stage.app.action(name).property("defaultShortcuts") is not None for name in OURS),
    )


def deeds(stage, document):
    """What the button says, by selection, strength and intent."""
    paint, said = stage.docker().panel.paint, {}
    for selected in (False, True):
        document.setSelection(square(document) if selected else None)
        for strength in (1.0, 0.6):
            paint.strength.set_strength(strength)
            yield 0.8
            said[f"{selected} {strength}"] = paint.begin.button.text()
            said[f"{selected} {strength}: plan"] = stage.text("plan")
    paint.strength.set_strength(1.0)
    yield from stage.click("intent")
    yield lambda: QtWidgets.QApplication.activePopupWidget() is not None
    stage.screenshot("intents")
    stage.press("Down", "Down", "Down", "Return")
    yield lambda: paint.begin.intent != "fill"
    yield lambda: QtWidgets.QApplication.activePopupWidget() is None
    yield 0.3
    said["intent"] = [paint.begin.intent, paint.begin.button.text()]
    paint.begin.choose("fill")
    stage.note("said", said)


def tabs(stage):
    """Tab after Tab from the prompt on, until the way closes."""
    yield from stage.click("prompt")
    yield stage.widget("prompt").hasFocus
    yield 0.3
    way = []
    while True:
        before = QtWidgets.QApplication.focusWidget()
        way.append(before.objectName())
        stage.press("Tab")
        yield lambda before=before: QtWidgets.QApplication.focusWidget() is not before
        now = QtWidgets.QApplication.focusWidget()
        if now.objectName() in way or len(way) > 40 or not stage.docker().isAncestorOf(now):
            break
    stage.note("way", way)
    stage.note("way ends", now.objectName())


def variations(stage, document):
    """Four at once; one is looked at closely, two are picked."""
    stage.widget("steps").setValue(STEPS)
    stage.widget("count").setValue(COUNT)
    yield from stage.click("prompt")
    yield stage.widget("prompt").hasFocus
    stage.type(PROMPT)
    yield lambda: stage.widget("prompt").toPlainText() == PROMPT
    yield from stage.click("begin")
    yield lambda: stage.newest is not None and stage.newest.preview is not None
    yield 0.1
    stage.screenshot("painting")
    yield lambda: stage.newest.state in ("ready", "failed")
    entry = stage.newest
    stage.note("ready", [entry.state, [shown.seed for shown in entry.variations]])
    stage.note("none placed", stage.names(document.rootNode()))
    yield stage.widget("pick_0").isVisible
    yield from stage.click("pick_0")
    yield from stage.click("pick_2")
    yield lambda: stage.widget("place").isEnabled()
    yield 0.3
    stage.screenshot("variations")
    yield from zoom(stage)
    steps = stage.undo_steps()
    stage.note("place says", stage.widget("place").text())
    yield from stage.click("place")
    yield lambda: sum(shown.placed for shown in stage.newest.variations) == 2
    yield 0.3
    stage.screenshot("placed")
    stage.note("steps", stage.undo_steps() - steps)
    stage.note("placed", [shown.placed for shown in stage.newest.variations])
    stage.note("layers", stage.names(document.rootNode()))
    stage.note("still to pick", stage.widget("pick_1").isEnabled())


def zoom(stage):
    """Closer, the next one, and away by Escape."""
    yield from stage.click("tile_1")
    window = stage.docker().findChild(QtWidgets.QDialog, "bottega_zoom")
    yield window.isVisible
    yield lambda: picture_width(window) > PREVIEW
    stage.note("zoomed", picture_width(window))
    yield 0.7
    stage.screenshot("zoom")
    text = window.findChild(QtWidgets.QLabel, "bottega_zoom_text")
    before = text.text()
    stage.press("Right")
    yield lambda: text.text() != before
    stage.note("turned", [before, text.text()])
    stage.press("Escape")
    yield lambda: not window.isVisible()


PREVIEW = 96


def picture_width(window):
    return window.findChild(QtWidgets.QWidget, "bottega_zoom_picture").shown_width


def names(stage):
    """What a reader of screens is told: everything that can be used has a name."""
    mute = []
    for widget in stage.docker().panel.findChildren(QtWidgets.QWidget):
        inner = widget.objectName().startswith("qt_") or not widget.objectName()
        if isinstance(widget, TYPES) and not inner and not widget.accessibleName():
            mute.append(f"{type(widget).__name__} {widget.objectName()}")
    stage.note("mute", mute)
    anonymous = [
        type(widget).__name__
        for widget in stage.docker().panel.findChildren(QtWidgets.QPushButton)
        if not widget.objectName()
    ]
    stage.note("anonymous", anonymous)


def history(stage):
    """What the document remembers, and its settings used again."""
    panel = stage.docker().panel
    panel.paint.prompt.setPlainText("something else")
    yield from stage.turn_to("History")
    yield lambda: panel.history.list.count() == 2
    stage.screenshot("history")
    stage.note("history", [panel.history.list.item(row).text() for row in range(2)])
    panel.history.list.setCurrentRow(0)
    yield from stage.click("history_reuse")
    yield lambda: panel.paint.prompt.toPlainText() == PROMPT
    stage.note("used again", [panel.paint.wish().seed, panel.paint.wish().steps])


def recent(stage):
    """Put away, found again by its words, brought back."""
    panel = stage.docker().panel
    yield from stage.turn_to("Paint")
    job = stage.newest.job
    yield from stage.click("stop")
    yield lambda: stage.newest is None
    yield from stage.turn_to("Recent")
    found = panel.recent.list
    yield from stage.click("search")
    yield stage.widget("search").hasFocus
    stage.type("no such words")
    yield lambda: found.count() == 1 and found.item(0).text() == NOTHING
    yield 0.3
    panel.recent.findChild(QtWidgets.QLineEdit).setText("red ball")
    yield lambda: found.count() > 0 and found.item(0).text() != NOTHING
    yield lambda: has_picture(found.item(0))
    stage.screenshot("recent")
    stage.note("recent", [found.item(row).text() for row in range(found.count())])
    found.setCurrentRow(0)
    yield from stage.click("recent_bring")
    yield lambda: stage.newest is not None and stage.newest.state in ("ready", "placed", "failed")
    stage.note("brought", [stage.newest.job == job, stage.newest.state])
    stage.note("brought: placed", [shown.placed for shown in stage.newest.variations])


def has_picture(item):
    """Whether a line of a list shows one: without, its place is clear."""
    return item.icon().pixmap(16, 16).toImage().pixelColor(8, 8).alpha() == 255


def without_selection(stage, document):
    """A whole new picture, and the whole picture painted over: layers without a mask."""
    paint = stage.docker().panel.paint
    document.setSelection(None)
    stage.widget("count").setValue(1)
    yield from stage.turn_to("Paint")
    for strength, title in ((1.0, "Generate"), (0.5, "Refine")):
        paint.strength.set_strength(strength)
        yield lambda title=title: paint.begin.button.text() == title
        known = stage.newest.job
        yield from stage.click("begin")
        yield lambda known=known: stage.newest.job != known
        yield lambda: stage.newest.state in ("placed", "failed")
        top = document.topLevelNodes()[-1]
        stage.note(title, [stage.text("stage"), top.type(), stage.names(top)])
        yield 0.2
        tiles = paint.card.tiles.findChildren(QtWidgets.QAbstractButton)
        stage.note(f"{title}: tiles", sum(tile.isVisible() for tile in tiles))
        stage.note(f"{title}: bounds", [top.bounds().width(), top.bounds().height()])
    paint.strength.set_strength(1.0)


def queue(stage, document):
    """Two at a time on one document; one is stopped on its card, the other by its shortcut."""
    panel = stage.docker().panel
    stage.widget("steps").setValue(MANY)
    stage.widget("count").setValue(1)
    document.setSelection(square(document))
    yield 0.5
    before = stage.names(document.rootNode())
    known = len(stage.docker().easel.entries())

    def entries():
        return stage.docker().easel.entries()[known:]

    for number in (1, 2):
        yield from stage.click("begin")
        yield lambda number=number: len(entries()) == number
    yield lambda: all(entry.state == "painting" for entry in entries())
    yield from stage.turn_to("Queue")
    yield 0.3
    stage.screenshot("queue")
    stage.note("queue title", stage.titles())
    cards = panel.cards.findChildren(QtWidgets.QWidget, "bottega_card")
    first = next(card for card in cards if card.entry.job == entries()[0].job)
    yield from stage.click(first.findChild(QtWidgets.QToolButton, "bottega_stop"))
    yield lambda: entries()[0].state == "stopped"
    stage.note("other goes on", entries()[1].state)
    stage.window.qwindow().activateWindow()
    stage.app.action("bottega_stop").trigger()
    yield lambda: entries()[1].state == "stopped"
    stage.note("queue: unchanged", stage.names(document.rootNode()) == before)
    diagnostics(stage)


def diagnostics(stage):
    stage.docker().panel.status.copy_asked.emit()
    stage.note("diagnostics", QtWidgets.QApplication.clipboard().text())
    stage.note("token", json.loads((stage.out / "server.json").read_text())["token"])


def hidden(stage):
    """Nobody looks: nothing is polled."""
    docker = stage.docker()
    timers = docker.findChildren(QtCore.QTimer)
    looking = [timer for timer in timers if timer.isActive() and timer.interval() > 0]
    stage.note("intervals", [timer.interval() for timer in looking])
    docker.setVisible(False)
    yield 0.3
    stage.note("hidden", [timer.isActive() for timer in looking])
    docker.setVisible(True)
    yield 0.3


def by_hand(stage):
    """Address and token are typed: first an address where nobody listens, then the right one."""
    told = json.loads((stage.out / "server.json").read_text())
    for port, state in ((1, "No server"), (told["port"], "Connected")):
        # The dialog waits in a loop of its own.
        QtCore.QTimer.singleShot(0, stage.docker().panel.status.connect_asked.emit)
        yield lambda: QtWidgets.QApplication.activeModalWidget() is not None
        dialog = QtWidgets.QApplication.activeModalWidget()
        dialog.findChild(QtWidgets.QLineEdit, "bottega_url").setText(f"127.0.0.1:{port}")
        dialog.findChild(QtWidgets.QLineEdit, "bottega_token").setText(told["token"])
        yield 0.3
        stage.screenshot("connect")
        dialog.accept()
        yield lambda state=state: state in stage.text("status")
    stage.note("kept", {name: stage.app.readSetting("bottega", name, "") for name in KEPT})
    stage.note("kept server", settings.read_address().url)
    stage.note("kept for", oct((settings.folder() / "connection.json").stat().st_mode & 0o777))


def square(document):
    selection = Selection()
    side = document.width() // 3
    selection.select(side, side, side, side, 255)
    return selection
