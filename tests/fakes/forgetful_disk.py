"""A disk that can lose its power: whatever was not synced is forgotten, in the worst ways.

It implements the store's Disk on a real folder and keeps beside it what a real disk would hold:
of every file the bytes that were synced, of every folder the names that were.
"""

from dataclasses import dataclass, field

from bottega_backend.store.disk import RealDisk

WORST = ("nothing", "names", "zeros", "dice")
"""What is left of what was not synced: nothing; names without bytes; names with bytes of zero
(a file system that allocates late); or any part of either, by chance."""


class Careless(RealDisk):
    """Implements Disk without a single sync: quick, and wrong wherever the power may go."""

    def sync(self, path):
        """Not done."""

    def sync_folder(self, path):
        """Not done."""


class PowerCut(BaseException):
    """Nobody can catch it and go on."""


@dataclass(eq=False)
class Bytes:
    """A file: what was written and how much of that is safe."""

    written: bytearray = field(default_factory=bytearray)
    safe: int = 0


@dataclass(eq=False)
class Names:
    """A folder: what it holds and what it is known to hold after a power cut."""

    now: dict = field(default_factory=dict)
    safe: dict = field(default_factory=dict)


class ForgetfulDisk:
    """Implements Disk. Before verb number `cut` the power goes; before `refuse` verbs an error."""

    def __init__(self, root, cut=None, refuse=None, error=None):
        self.root = root
        self.top = Names()
        self.verbs = 0
        self.kinds = []
        self._cut = cut
        self._refuse = refuse
        self._error = error
        self._real = RealDisk()

    def verb(self, name):
        """One more thing that is done to the disk."""
        self.verbs += 1
        self.kinds.append(name)
        if self._cut is not None and self.verbs >= self._cut:
            raise PowerCut
        if self.verbs == self._refuse:
            raise self._error

    def node(self, path):
        """What lies at a path; the root and what is above it is there from the start."""
        node = self.top
        for name in path.relative_to(self.root).parts:
            node = node.now[name]
        return node

    def create(self, path):
        self.verb("create")
        file = self._real.create(path)
        node = self.node(path.parent).now[path.name] = Bytes()
        return ForgetfulFile(self, file, node)

    def extend(self, path):
        self.verb("extend")
        return ForgetfulFile(self, self._real.extend(path), self.node(path))

    def sync(self, path):
        self.verb("sync")
        node = self.node(path)
        node.safe = len(node.written)

    def make_folder(self, path):
        self.verb("make_folder")
        self._real.make_folder(path)
        self.node(path.parent).now.setdefault(path.name, Names())

    def rename(self, before, after):
        self.verb("rename")
        self._real.rename(before, after)
        node = self.node(before.parent).now.pop(before.name)
        self.node(after.parent).now[after.name] = node

    def remove(self, path):
        self.verb("remove")
        self._real.remove(path)
        self.node(path.parent).now.pop(path.name, None)

    def sync_folder(self, path):
        self.verb("sync_folder")
        if path.is_relative_to(self.root):
            folder = self.node(path)
            folder.safe = dict(folder.now)

    def survivors(self, target, how, dice):
        """Write into a folder what is there after the power has come back."""
        _restore(self.top, target, how, dice)


class ForgetfulFile:
    """Implements DiskFile."""

    def __init__(self, disk, file, node):
        self._disk = disk
        self._file = file
        self._node = node

    def write(self, content):
        self._disk.verb("write")
        self._file.write(content)
        self._node.written += content

    def sync(self):
        self._disk.verb("sync")
        self._node.safe = len(self._node.written)

    def close(self):
        self._file.close()


def _restore(node, path, how, dice):
    if isinstance(node, Bytes):
        path.write_bytes(_content(node, how, dice))
        return
    path.mkdir()
    for name, child in _names(node, how, dice).items():
        _restore(child, path / name, how, dice)


def _names(folder, how, dice):
    if how == "nothing":
        return folder.safe
    if how != "dice":
        return folder.now
    both = dict.fromkeys([*folder.safe, *folder.now])
    chosen = {name: dice.choice((folder.safe, folder.now)).get(name) for name in both}
    return {name: child for name, child in chosen.items() if child is not None}


def _content(file, how, dice):
    safe, loose = bytes(file.written[: file.safe]), bytes(file.written[file.safe :])
    if how == "zeros":
        return safe + bytes(len(loose))
    if how == "dice":
        return safe + loose[: dice.randint(0, len(loose))]
    return safe
