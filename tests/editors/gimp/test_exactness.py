"""GIMP's images of every precision, curve and profile: what a placed result changes, in numbers.

mask 0: what GIMP shows stays bit for bit what it was. The one exception is GIMP's own: above
8 bit, in images whose profile brings its own curve, GIMP measures at run time which way to linear
light and back is fastest, so that two looks at one image differ, by at most 1 of 65535 (or one
step of a 16-bit float). An empty layer does the same.
mask full: the result alone, bit for bit (32 bits integer: what a float holds).
between: the plain mix, in sRGB-encoded values or in linear light (`composite_space`).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from editors.gimp.session import Gimp
from numpy.typing import NDArray

pytestmark = pytest.mark.editor
INSIDE = Path(__file__).parent / "inside"
SHAPE = (40, 60)
KINDS = {"U8": "u1", "U16": "<u2", "U32": "<u4", "HALF": "<f2", "FLOAT": "<f4", "DOUBLE": "<f8"}
CURVES = ("LINEAR", "NON_LINEAR", "PERCEPTUAL")
NAMES = [
    f"{base}-{kind}_{curve}-{profile}"
    for base in ("RGB", "GRAY")
    for kind in KINDS
    for curve in CURVES
    for profile in ("sRGB", "own")
]
Values = NDArray[np.float64]
WORD = 1 / 65535
FLOAT = 2.0**-18
"""What a 32-bit integer loses on its way through GIMP, which mixes in 32-bit floats."""


@dataclass(frozen=True)
class Case:
    """What was shown of one image: arrays of shape (40, 60, channels) in 0..1, encoded as it is."""

    name: str
    before: Values
    empty: Values
    after: Values
    alone: Values
    mask: NDArray[np.uint8]
    depth: str
    linear: bool

    @property
    def kind(self) -> str:
        return self.name.split("-")[1].partition("_")[0]

    @property
    def curve(self) -> str:
        """The image's own curve: LINEAR, sRGB (NON_LINEAR and PERCEPTUAL), or of its profile."""
        base, precision, profile = self.name.split("-")
        curve = precision.partition("_")[2]
        if curve == "LINEAR":
            return "linear"
        return base if curve == "NON_LINEAR" and profile == "own" else "srgb"

    def where(self, selected: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Some of the pixels; that there are any is part of the test."""
        assert selected.sum() > 50
        return selected


@pytest.fixture(scope="module")
def placed(console: Gimp) -> Path:
    """One result placed in an image of every kind, by one run of GIMP."""
    inside, out = console.room.folder / "exactness", console.room.folder / "shown"
    shutil.copytree(INSIDE, inside)
    folders = [str(inside), str(console.config / "plug-ins" / "bottega-gimp")]
    done = console.batch(
        f"import sys; sys.path[:0] = {folders!r}; from exactness import run\nrun({str(out)!r})"
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(params=NAMES)
def case(placed: Path, request: pytest.FixtureRequest) -> Case:
    name = str(request.param)
    told = json.loads((placed / "told").read_text())[name]
    kind = np.dtype(KINDS[name.split("-")[1].partition("_")[0]])
    most = 1.0 if kind.kind == "f" else float(np.iinfo(kind).max)

    def read(what: str) -> Values:
        return np.fromfile(placed / name / what, kind).reshape(*SHAPE, -1).astype(float) / most

    mask = np.fromfile(placed / name / "mask", np.uint8).reshape(SHAPE)
    shown = {what: read(what) for what in ("before", "empty", "after", "alone")}
    return Case(name, **shown, mask=mask, **told)


def test_mask_0_leaves_what_is_shown_bit_identical(case: Case):
    outside = case.where(case.mask == 0)
    chosen_by_time = case.name.endswith("own") and case.kind != "U8"
    allowed = chosen_by_time * (2.0**-11 if case.kind == "HALF" else WORD * 1.001)
    for looked_at in (case.empty, case.after):
        apart = np.abs(looked_at - case.before)[outside].max()
        assert apart <= allowed, apart
    assert np.abs(case.after - case.before).max() > 0.1  # noise was painted, after all


def test_mask_full_shows_the_result_itself(case: Case):
    inside = case.where(case.mask == 255)
    apart = np.abs(case.after[inside] - case.alone[inside]).max()
    assert apart <= (FLOAT if case.kind == "U32" else 0), apart


def test_between_the_two_are_mixed_plainly(case: Case):
    soft = case.where((case.mask > 0) & (case.mask < 255))
    apart = np.abs(mixed(case) - case.after)[soft].max()
    assert apart <= tolerance(case) * 1.001, apart
    assert np.abs(case.before - case.after)[soft].max() > 0.1


def test_eight_bits_are_sent_only_where_they_lose_nothing(case: Case):
    eight = case.kind == "U8" and case.curve == "srgb" and case.name.endswith("sRGB")
    assert case.depth == ("u8" if eight else "u16")


def tolerance(case: Case) -> float:
    """How far GIMP's mix may be from the formula, in parts of full scale."""
    of_its_own = case.curve in ("RGB", "GRAY")
    if case.kind == "U8":
        return 1 / 255 if of_its_own else 0.0
    if case.kind == "HALF":
        return 2.0**-10 if of_its_own else 2.0**-11
    return 64 * WORD if of_its_own else WORD


def mixed(case: Case) -> Values:
    """The formula: encoded values or light, weighed by the mask, in the image's own steps."""
    weight = case.mask[..., None] / 255
    below, above = (to_light(each, case.curve) for each in (case.before, case.alone))
    if not case.linear:
        below, above = (from_light(each, "srgb") for each in (below, above))
    mix = below * (1 - weight) + above * weight
    mix = from_light(mix if case.linear else to_light(mix, "srgb"), case.curve)
    if KINDS[case.kind][-2] == "f":
        return mix.astype(KINDS[case.kind]).astype(float)
    most = float(np.iinfo(KINDS[case.kind]).max)
    return np.floor(mix * most + 0.5) / most


def to_light(values: Values, curve: str) -> Values:
    """Encoded to linear: sRGB's curve, AdobeRGB's power, CIE L* for the grey profile."""
    if curve == "linear":
        return values
    if curve == "RGB":
        return np.power(values, 2.19921875)
    if curve == "GRAY":
        return np.where(values > 0.08, ((values * 100 + 16) / 116) ** 3, values / 9.032963)
    return np.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)


def from_light(values: Values, curve: str) -> Values:
    """Linear to encoded, the other way round."""
    if curve == "linear":
        return values
    if curve == "RGB":
        return np.power(values, 1 / 2.19921875)
    if curve == "GRAY":
        return np.where(values > 0.008856, 1.16 * np.cbrt(values) - 0.16, values * 9.032963)
    return np.where(values > 0.0031308, 1.055 * np.power(values, 1 / 2.4) - 0.055, values * 12.92)
