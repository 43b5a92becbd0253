"""What the demonstration paints on: a picture of the model's own world and a photograph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.apprentice.pictures import PICTURES
from bottega_backend.imaging.masks import feather
from bottega_protocol.regions import Rectangle

from .exits import Mistake
from .png_files import PngPicture, read_png

SOFT = 8
"""The ellipse's edge is soft over one so-manieth of its shorter side."""


@dataclass(frozen=True)
class Subject:
    """A picture, what is selected in it (an ellipse's bounding box), and what to ask for."""

    name: str
    title: str
    picture: PngPicture
    ellipse: Rectangle
    prompt: str
    seed: int

    def mask(self) -> NDArray[np.uint8]:
        """The feathered ellipse (height, width), 255 = paint."""
        height, width = self.picture.samples.shape[:2]
        hard = np.zeros((height, width), np.float32)
        box, at = self.ellipse, self.ellipse
        centre = (at.x + box.width // 2, at.y + box.height // 2)
        axes = (box.width // 2, box.height // 2)
        cv2.ellipse(hard, centre, axes, 0, 0, 360, 1.0, thickness=-1)
        soft = feather(hard, min(axes) * 2 / SOFT)
        return np.asarray(soft * 255 + 0.5, np.uint8)


def own_world() -> Subject:
    """The picture that the built-in model knows how to go on with."""
    chosen = PICTURES[0]
    title = "a picture of the model's own world"
    picture = read_png(chosen.path)
    return Subject("world", title, picture, chosen.ellipse, chosen.prompt, seed=6)


def photograph() -> Subject:
    """A photograph from scikit-image's data: a cup of coffee on a table."""
    try:
        from skimage.data import coffee  # noqa: PLC0415  # an extra: only the demonstration has it
    except ImportError as error:
        raise Mistake(
            "The demonstration's photograph comes with scikit-image, which is not installed.",
            "pip install 'bottega[demo]', or give a picture of your own with --image.",
        ) from error
    ellipse = Rectangle(440, 210, 130, 130)
    title = "a photograph (coffee, scikit-image)"
    return Subject("photograph", title, PngPicture(coffee()), ellipse, "a red ball", seed=6)


def own_picture(path: Path) -> Subject:
    """A picture of the user's own, with an ellipse in its middle; PNG, JPEG and their like."""
    picture = read_png(path) if path.suffix.lower() == ".png" else _read_any(path)
    height, width = picture.samples.shape[:2]
    third = Rectangle(width // 3, height // 3, max(width // 3, 1), max(height // 3, 1))
    return Subject(path.stem, path.name, picture, third, "a red ball", seed=6)


def asking(subject: Subject, prompt: str | None) -> Subject:
    """The same subject with another prompt, where one is given."""
    return replace(subject, prompt=prompt) if prompt is not None else subject


def _read_any(path: Path) -> PngPicture:
    samples = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if samples is None:
        raise Mistake(f"{path} can't be read as a picture.", "Give a PNG or a JPEG file.")
    return PngPicture(np.ascontiguousarray(samples[..., ::-1], np.uint8))
