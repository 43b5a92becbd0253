"""What artists do that no one thinks of: odd selections, odd layers, other work meanwhile."""

import struct
from functools import partial

from bottega_driver.pieces import BYTES, activate, add, content, plain, red, refusal, select, write
from bottega_driver.qt import QtCore
from bottega_krita._vendor.bottega_protocol.regions import Rectangle
from krita import InfoObject, Krita, Selection

from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

WIDTH, HEIGHT = 160, 120
CANVAS = Rectangle(0, 0, WIDTH, HEIGHT)
BOX = Rectangle(24, 16, 104, 88)
INSIDE = Rectangle(40, 30, 60, 40)
HUGE = 8300
WIDE = Rectangle(0, 0, 1024, 1024)
UI = UiThread()
BLUE, GREEN = b"\xff\0\0\xff", b"\0\xff\0\xff"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120">{}</svg>'


def play(stage):
    yield 0.5
    yield from selections(stage)
    for depth in ("U8", "U16"):
        yield from many_layers(stage, depth)
    for kind, make in NODES.items():
        yield from active_node(stage, kind, make)
    yield from meanwhile(stage)
    yield from two_documents(stage)
    yield from picked_one_after_the_other(stage)
    yield from animation(stage)
    yield from while_colours_are_converted(stage)


def selections(stage):
    document = stage.new(WIDTH, HEIGHT)
    yield 0.2
    editor = KritaDocument(document, UI)
    for name, box in (("one pixel", Rectangle(77, 55, 1, 1)), ("faintest", INSIDE)):
        select(document, box, (b"\xff" if name == "one pixel" else b"\1") * box.size.area)
        snapshot = editor.read(BOX, BYTES, "visible")
        stage.note(f"{name}: box", plain(snapshot.canvas.selection))
        stage.keep(f"{name}: mask", snapshot.mask)
    editor.place(b"p" * 16, [red(BOX, snapshot.mask)])
    everything = Selection()
    everything.select(0, 0, WIDTH, HEIGHT, 255)
    everything.subtract(selection_of(INSIDE))
    document.setSelection(everything)
    stage.note("all but a hole", plain(editor.canvas().selection))
    yield from huge(stage)


def huge(stage):
    """More than may be sent: the server says so, and nothing is read."""
    document = stage.new(HUGE, HUGE)
    yield 0.2
    document.setSelection(selection_of(Rectangle(-50, -50, HUGE + 100, HUGE + 100)))
    canvas = KritaDocument(document, UI).canvas()
    stage.note("huge", [plain(canvas.selection), canvas.size.area])
    document.setSelection(None)


def selection_of(box):
    selection = Selection()
    selection.select(box.x, box.y, box.width, box.height, 255)
    return selection


def layered(stage, depth="U8"):
    """Four layers and a group: a background, a faint one, a group of two, one that multiplies."""
    document = stage.new(WIDTH, HEIGHT, depth)
    write(document.topLevelNodes()[0], CANVAS, (stage.out / f"photo-{depth}").read_bytes())
    faint = add(document, "faint")
    write(faint, CANVAS, (stage.out / f"middle-{depth}").read_bytes())
    faint.setOpacity(150)
    group = document.createGroupLayer("group")
    document.rootNode().addChildNode(group, None)
    for name in ("inside", "inside too"):
        write(add(document, name, group), INSIDE, (stage.out / f"{name}-{depth}").read_bytes())
    group.setOpacity(100)
    darker = add(document, "darker")
    write(darker, CANVAS, (stage.out / f"darker-{depth}").read_bytes())
    darker.setBlendingMode("multiply")
    document.refreshProjection()
    select(document, INSIDE, (stage.out / "mask").read_bytes())
    yield from activate(document, "inside")
    return document


def many_layers(stage, depth):
    """A result over all of them, with a layer in the faint group active."""
    document = yield from layered(stage, depth)
    editor = KritaDocument(document, UI)
    stage.keep(f"before-{depth}", stage.flat(document))
    layout = editor.canvas().layout
    snapshot = editor.read(BOX, layout, "visible")
    stage.keep(f"seen-{depth}", snapshot.pixels)
    result = (stage.out / f"result-{depth}").read_bytes()
    steps = stage.undo_steps()
    editor.place(b"r" * 16, [content("result", BOX, layout, result, snapshot.mask)])
    yield 0.1
    stage.note(f"many {depth}: steps", stage.undo_steps() - steps)
    stage.keep(f"after-{depth}", stage.flat(document))
    stage.undo(document)
    yield 0.2
    stage.keep(f"undone-{depth}", stage.flat(document))


def paint_layer(document):
    """Nothing odd."""
    write(add(document, "odd"), CANVAS, BLUE * CANVAS.size.area)


def hidden(document):
    paint_layer(document)
    document.nodeByName("odd").setVisible(False)


def locked(document):
    paint_layer(document)
    document.nodeByName("odd").setLocked(True)


def in_locked_group(document):
    group = document.createGroupLayer("locked group")
    document.rootNode().addChildNode(group, None)
    write(add(document, "odd", group), CANVAS, BLUE * CANVAS.size.area)
    group.setLocked(True)


def group_of_two(document):
    group = document.createGroupLayer("odd")
    document.rootNode().addChildNode(group, None)
    write(add(document, "lower", group), CANVAS, GREEN * CANVAS.size.area)
    write(add(document, "upper", group), CANVAS, BLUE * CANVAS.size.area)


def vector(document):
    shape = '<rect x="0" y="0" width="160" height="120" fill="#0000ff"/>'
    _shapes(document, shape)


def text(document):
    _shapes(document, '<text x="20" y="80" font-size="60" fill="#0000ff">HHH</text>')


def _shapes(document, inner):
    layer = document.createVectorLayer("odd")
    document.rootNode().addChildNode(layer, None)
    layer.addShapesFromSvg(SVG.format(inner))


def mask_of_a_layer(document):
    below = add(document, "masked")
    write(below, CANVAS, BLUE * CANVAS.size.area)
    mask = document.createTransparencyMask("odd")
    below.addChildNode(mask, None)
    write(mask, CANVAS, b"\xff" * CANVAS.size.area)


def fill_layer(document):
    colours = InfoObject()
    colours.setProperty("color", "#0000ff")
    layer = document.createFillLayer("odd", "color", colours, selection_of(CANVAS))
    document.rootNode().addChildNode(layer, None)


def clone(document):
    paint_layer(document)
    document.nodeByName("odd").setName("original")
    layer = document.createCloneLayer("odd", document.nodeByName("original"))
    document.rootNode().addChildNode(layer, None)


def selection_itself(document):
    """The document's selection shown as a node, and that one active."""
    Krita.instance().action("show-global-selection-mask").trigger()
    paint_layer(document)
    document.nodeByName("odd").setName("below")
    next(n for n in document.topLevelNodes() if n.type() == "selectionmask").setName("odd")


NODES = {
    "paint layer": paint_layer,
    "hidden": hidden,
    "locked": locked,
    "in a locked group": in_locked_group,
    "group": group_of_two,
    "vector": vector,
    "text": text,
    "mask": mask_of_a_layer,
    "fill layer": fill_layer,
    "clone": clone,
    "selection": selection_itself,
}


def active_node(stage, kind, make):
    """Read it alone, paint over it, and over the visible picture, with it active."""
    document = yield from layered(stage)
    make(document)
    document.refreshProjection()
    yield 0.3
    yield from activate(document, "odd")
    if kind == "fill layer":
        # Krita fills it by and by.
        yield lambda: stage.flat(document)[-4:] == BLUE
    before = stage.flat(document)
    stage.keep(f"{kind}: before", before)
    for source in ("active", "visible"):
        editor = KritaDocument(document, UI)
        told = refusal(partial(read_and_place, stage, editor, f"{kind}: {source}", source))
        yield 0.1
        stage.note(f"{kind}: {source}", told)
        stage.note(f"{kind}: {source}: names", stage.names(document.rootNode()))
        stage.note(f"{kind}: {source}: odd", type_of(document, "odd"))
    stage.keep(f"{kind}: after", stage.flat(document))


def read_and_place(stage, editor, name, source):
    snapshot = editor.read(BOX, BYTES, source)
    stage.keep(name, snapshot.pixels)
    steps = stage.undo_steps()
    editor.place(source.encode().ljust(16), [red(BOX, snapshot.mask, source)])
    stage.note(f"{name}: steps", stage.undo_steps() - steps)


def type_of(document, name):
    node = document.nodeByName(name)
    return [node.type(), node.visible(), node.locked()]


def meanwhile(stage):
    """The artist goes on working while a result is on its way."""
    changes = {
        "moved into the group": partial(move, "faint", "group"),
        "moved to the top": partial(move, "faint", None),
        "shifted": lambda d: d.nodeByName("faint").move(30, 20),
        "merged down": lambda d: d.nodeByName("faint").mergeDown(),
        "renamed": lambda d: d.nodeByName("faint").setName("another"),
        "group deleted": lambda d: d.nodeByName("group").remove(),
        "cropped": lambda d: d.crop(10, 10, WIDTH - 20, HEIGHT - 20),
        "scaled": lambda d: d.scaleImage(WIDTH * 2, HEIGHT * 2, 72, 72, "Bicubic"),
        "turned": lambda d: d.rotateImage(1.5708),
        "deselected": lambda d: d.setSelection(None),
        "converted to 16 bit": lambda d: d.setColorSpace("RGBA", "F32", "sRGB-elle-V2-g10.icc"),
        "converted to CMYK": lambda d: d.setColorSpace("CMYKA", "U8", "Chemical proof"),
    }
    for change, make in changes.items():
        document = yield from layered(stage)
        yield from activate(document, "faint")
        editor = KritaDocument(document, UI)
        snapshot = editor.read(BOX, BYTES, "active")
        make(document)
        document.waitForDone()
        document.refreshProjection()
        yield 0.3
        before = stage.flat(document)
        told = refusal(partial(editor.place, b"m" * 16, [red(BOX, snapshot.mask)]))
        stage.note(f"meanwhile {change}", told)
        stage.note(f"meanwhile {change}: names", stage.names(document.rootNode()))
        stage.note(f"meanwhile {change}: same", stage.flat(document) == before)


def move(name, group, document):
    node = document.nodeByName(name)
    parent = document.nodeByName(group) if group else document.rootNode()
    copy = node.duplicate()
    node.remove()
    parent.addChildNode(copy, None)


def two_documents(stage):
    """Asked in one, another one in front when the result comes: it lands where it was asked."""
    asked = yield from layered(stage)
    other = yield from layered(stage)
    editors = [KritaDocument(document, UI) for document in (asked, other)]
    snapshots = [editor.read(BOX, BYTES, "visible") for editor in editors]
    stage.note("two names", [snapshot.canvas.document for snapshot in snapshots])
    before = stage.names(other.rootNode())
    editors[0].place(b"t" * 16, [red(BOX, snapshots[0].mask)])
    yield 0.1
    stage.note("in front", stage.app.activeDocument() == other)
    stage.note("asked: has it", asked.nodeByName("red") is not None)
    stage.note("other: as it was", stage.names(other.rootNode()) == before)


def picked_one_after_the_other(stage):
    """Several variations of one order: each lies above the one before, and is one step."""
    for source in ("active", "visible"):
        document = yield from layered(stage)
        editor = KritaDocument(document, UI)
        snapshot = editor.read(BOX, BYTES, source)
        steps = stage.undo_steps()
        for number in range(3):
            editor.place(bytes([number]) * 16, [red(BOX, snapshot.mask, f"variation {number}")])
            yield 0.1
        stage.note(f"picked {source}: steps", stage.undo_steps() - steps)
        stage.note(f"picked {source}", stage.names(document.rootNode()))
        # One is taken back, the next one picked: it lies where that was.
        stage.undo(document)
        yield 0.2
        editor.place(b"\4" * 16, [red(BOX, snapshot.mask, "variation 4")])
        stage.note(f"picked {source} after undo", stage.names(document.rootNode()))


def while_colours_are_converted(stage):
    """Krita handles events meanwhile: the artist paints, picks the same again, closes."""
    document, editor = wide(stage)
    yield 0.3
    layout = editor.canvas().layout
    before = editor.read(WIDE, layout, "visible")
    events = []

    def paint():
        events.append("painted")
        write(document.topLevelNodes()[0], WIDE, b"\0" * 16 * WIDE.size.area)
        document.setSelection(selection_of(Rectangle(3, 3, 5, 5)))

    QtCore.QTimer.singleShot(0, paint)
    seen = editor.read(WIDE, layout, "visible")
    yield lambda: events
    later = editor.read(WIDE, layout, "visible")
    selected = [(one.canvas, one.mask) for one in (before, seen, later)]
    stage.note("converted: selections", [selected[1] == selected[0], selected[1] == selected[2]])
    pixels = [one.pixels for one in (before, seen, later)]
    stage.note("converted: pixels", [pixels[1] == pixels[0], pixels[1] == pixels[2]])

    def pick():
        events.append("picked")
        editor.place(b"w" * 16, result)

    result = [content("wide", WIDE, layout, before.pixels, before.mask)]
    QtCore.QTimer.singleShot(0, pick)
    editor.place(b"w" * 16, result)
    yield lambda: "picked" in events
    stage.note("converted: picked twice", [n.name() for n in document.topLevelNodes()])
    yield 0.6
    document.setSelection(None)
    yield 0.6
    QtCore.QTimer.singleShot(0, partial(close, stage, document, events))
    stage.note("converted: closed", refusal(lambda: editor.place(b"x" * 16, result)))
    yield lambda: "closed" in events


def wide(stage):
    document = stage.new(WIDE.width, WIDE.height, "F32", "RGBA", "Rec2020-elle-V4-g10.icc")
    grey = struct.pack("<4f", 0.2, 0.3, 0.4, 1.0)
    write(document.topLevelNodes()[0], WIDE, grey * WIDE.size.area)
    document.refreshProjection()
    document.setSelection(selection_of(Rectangle(100, 100, 300, 200)))
    return document, KritaDocument(document, UI)


def close(stage, document, events):
    stage.close(document)
    events.append("closed")


def animation(stage):
    """The shown frame is read, the result is an ordinary layer, the frames stay as they are."""
    document = stage.new(WIDTH, HEIGHT)
    document.setFullClipRangeEndTime(10)
    node = add(document, "animated")
    node.enableAnimation()
    yield from activate(document, "animated")
    colours = {0: BLUE, 5: GREEN}
    for time, colour in colours.items():
        document.setCurrentTime(time)
        document.waitForDone()
        yield 0.2
        stage.app.action("add_blank_frame").trigger()
        document.waitForDone()
        yield 0.2
        write(document.nodeByName("animated"), CANVAS, colour * CANVAS.size.area)
    document.refreshProjection()
    select(document, INSIDE, (stage.out / "mask").read_bytes())
    editor = KritaDocument(document, UI)
    for source in ("active", "visible"):
        snapshot = editor.read(BOX, BYTES, source)
        stage.keep(f"frame 5 {source}", snapshot.pixels)
    editor.place(b"f" * 16, [red(BOX, snapshot.mask)])
    yield 0.2
    stage.note("animated", [document.nodeByName(name).animated() for name in ("animated", "red")])
    for time in colours:
        document.setCurrentTime(time)
        document.waitForDone()
        document.refreshProjection()
        yield 0.3
        stage.keep(f"frame {time}", stage.flat(document))
