"""The docker in the theme and at the scale that it is started with, and in the other theme."""

import os

from bottega_driver.qt import QtWidgets
from krita import Selection

PROMPT = "a red ball on the grass"
STEPS = 6
COUNT = 4


def play(stage):
    stage.tell_of_server()
    document = stage.open("meadow.png")
    yield lambda: document.activeNode() is not None
    yield from stage.clear_room()
    selection = Selection()
    selection.setPixelData((stage.out / "meadow-mask").read_bytes(), *stage.notes_in("meadow-box"))
    document.setSelection(selection)
    yield lambda: "Connected" in stage.text("status")
    stage.widget("prompt").setPlainText(PROMPT)
    stage.widget("steps").setValue(STEPS)
    stage.widget("count").setValue(COUNT)
    yield from stage.click("begin")
    yield lambda: stage.newest is not None and stage.newest.state in ("ready", "failed")
    stage.note("state", stage.newest.state)
    yield 0.5
    yield from look(stage, "dark")
    yield from bright(stage)
    yield from look(stage, "bright")


def look(stage, theme):
    stage.note(f"{theme}: cut off", cut_off(stage))
    stage.note(f"{theme}: contrast", contrast(stage))
    stage.screenshot(f"{os.environ['BOTTEGA_LOOK']}-{theme}")
    yield from stage.click("details")
    yield stage.widget("grow").isVisible
    yield lambda: not stage.widget("grow").visibleRegion().isEmpty()
    yield 0.2
    stage.note(f"{theme}: details cut off", cut_off(stage))
    stage.screenshot(f"{os.environ['BOTTEGA_LOOK']}-{theme}-details")
    yield from stage.click("details")
    yield lambda: not stage.widget("grow").isVisible()


def bright(stage):
    """Another theme, chosen in the menu while the docker is open."""
    themes = {}
    for action in stage.window.qwindow().findChildren(type(stage.app.action("edit_undo"))):
        themes[action.text().replace("&", "")] = action
    for menu in QtWidgets.QApplication.allWidgets():
        if isinstance(menu, QtWidgets.QMenu):
            themes |= {action.text().replace("&", ""): action for action in menu.actions()}
    themes["Krita bright"].trigger()
    yield 1.5


def cut_off(stage):
    """What reaches out of the docker to the right: nobody could get there."""
    docker = stage.docker()
    area = docker.findChild(QtWidgets.QScrollArea).viewport()
    edge = area.mapToGlobal(area.rect().topRight()).x()
    page = docker.panel.paint
    return [
        widget.objectName()
        for widget in page.findChildren(QtWidgets.QWidget)
        if widget.isVisible() and widget.mapToGlobal(widget.rect().topRight()).x() > edge
    ]


def contrast(stage):
    """The weakest of all that is written: text over ground, as WCAG counts it."""
    panel = stage.docker().panel
    ground = luminance(panel.palette().window().color())
    tones = [
        luminance(label.palette().windowText().color())
        for label in panel.findChildren((QtWidgets.QLabel, QtWidgets.QCheckBox))
        if label.isVisible()
    ]
    return min((max(tone, ground) + 0.05) / (min(tone, ground) + 0.05) for tone in tones)


def luminance(colour):
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
