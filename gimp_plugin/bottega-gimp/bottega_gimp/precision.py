"""What an image's precision and profile ask for: the depth to send, and the light to mix in."""

from __future__ import annotations

from .gimp import Gimp

EIGHT_BITS = (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U8_PERCEPTUAL)
"""Images that eight bits with the sRGB curve carry without loss (8-bit linear is not one)."""

FINE = tuple(
    getattr(Gimp.Precision, f"{kind}_{curve}")
    for kind in ("U32", "FLOAT", "DOUBLE")
    for curve in ("LINEAR", "NON_LINEAR", "PERCEPTUAL")
)
"""Images in which the way to sRGB-encoded values and back would show in the last digits."""

FLOATING = tuple(
    getattr(Gimp.Precision, f"{kind}_{curve}")
    for kind in ("HALF", "FLOAT", "DOUBLE")
    for curve in ("LINEAR", "NON_LINEAR", "PERCEPTUAL")
)
"""Images that can hold values that are no numbers."""


def is_deep(image: Gimp.Image) -> bool:
    """Whether eight sRGB bits are too few: another depth, or primaries of its own."""
    return image.get_precision() not in EIGHT_BITS or has_own_profile(image)


def holds_floats(image: Gimp.Image) -> bool:
    """Whether the image can hold values that are no numbers."""
    return image.get_precision() in FLOATING


def has_own_profile(image: Gimp.Image) -> bool:
    """Whether the image has another profile than GIMP's built-in one."""
    profile = image.get_color_profile()
    if profile is None:
        return False
    return not (image.get_base_type() == Gimp.ImageBaseType.RGB and _is_srgb(profile))


def composite_space(image: Gimp.Image) -> Gimp.LayerColorSpace:
    """How a layer is mixed with what lies below, so that mask 0 leaves that bit-identical.

    sRGB-encoded values, as other programs mix, wherever the way there and back is lost in the
    image's own rounding; else linear light, which is GIMP's default and takes no such way.
    """
    precision = image.get_precision()
    curve = precision == Gimp.Precision.U16_NON_LINEAR and has_own_profile(image)
    if curve or precision in FINE:
        return Gimp.LayerColorSpace.RGB_LINEAR
    return Gimp.LayerColorSpace.RGB_PERCEPTUAL


def _is_srgb(profile: Gimp.ColorProfile) -> bool:
    return bool(profile.is_equal(Gimp.ColorProfile.new_rgb_srgb()))
