"""Recognises single safetensors files by their headers alone: checkpoints, and what is none.

Checkpoints are in the layout of the first Stable Diffusion code (LDM): UNet, VAE and text
encoders in one file, each under a prefix.
"""

from __future__ import annotations

import re
from pathlib import Path

from bottega_backend.errors import Unreadable
from bottega_protocol.regions import Size

from .inspect import Header, read_file
from .layout import SD1, SD2, SDXL, Layout, family_of, kind_of, native_of, steps_of, words_of
from .vocabulary import NO_VOCABULARY, find_vocabulary

ENDINGS = (".safetensors", ".sft")

UNET = "model.diffusion_model."
VAE = "first_stage_model."
CLIP = ("cond_stage_model.transformer.", "conditioner.embedders.0.transformer.")
"""Where SD1's text encoder and SDXL's first lie, in transformers' own layout."""

OPEN_CLIP = ("cond_stage_model.model.", "conditioner.embedders.1.model.")
"""Where SD2's text encoder and SDXL's second lie, in open_clip's layout."""

MOST_LICENCE = 200

REFINER = "conditioner.embedders.0.model."

FIRST = UNET + "input_blocks.0.0.weight"
LISTENS = re.compile(
    r"model\.diffusion_model\.input_blocks\.\d+\.1\.transformer_blocks\.0\.attn2\.to_k\.weight"
)
LABELS = UNET + "label_emb.0.0.weight"

OTHERS: tuple[tuple[str, str], ...] = (
    (r"^(control_model\.|input_hint_block\.|controlnet_|lora_controlnet$)", "a ControlNet"),
    (r"^lora_|lora[._](up|down)\.|lora_[AB]\.|\.lora\.|hada_w1|lokr_w1|\boft_", "a LoRA"),
    (r"^(image_proj|ip_adapter)\b", "an IP-Adapter"),
    (r"motion_modules\.", "a motion module"),
    (r"double_blocks\.\d+\.", "a Flux model"),
    (r"joint_blocks\.\d+\.", "a Stable Diffusion 3 model"),
    (r"^(emb_params$|string_to_param|clip_[lg]$)", "a textual inversion"),
    (r"^(model\.diffusion_model\.|diffusion_model\.)?input_blocks\.\d", "a UNet alone"),
    (r"^(down_blocks|up_blocks|mid_block)\.", "a UNet alone, out of a diffusers folder"),
    (r"^(first_stage_model\.)?(encoder|decoder)\.(conv_in|mid|down|up)", "a VAE"),
    (r"^(text_model|transformer\.text_model|transformer\.resblocks)\.", "a text encoder"),
    (r"^(body\.\d|conv_first|model\.\d+\.(weight|sub))", "an upscaler"),
)
"""Names of tensors, and what the file is that has them. The first that is found decides."""

PREDICTIONS = {"epsilon": "epsilon", "v": "v_prediction", "v_prediction": "v_prediction"}
"""What metadata (modelspec.prediction_type) and .yaml files (parameterization) may say."""

NAMES_V = re.compile(r"\bv ?pred|\b768 ?v\b")
NAMES_EPSILON = re.compile(r"\b(eps|epsilon|base|512)\b")
NAMES_LARGE = re.compile(r"\b768\b")

ASSUMED = (
    "Taken for v-prediction, for nothing says otherwise. If it paints noise, put a file of the "
    "same name ending in .yaml beside it with the line: parameterization: eps"
)


def inspect_file(path: Path) -> Layout:
    """Describe a single file; raises Unreadable, which says what it is instead of a checkpoint."""
    header = read_file(path)
    base, width = _base(path, header)
    in_channels = header.shape(FIRST)[1]
    if in_channels not in (4, 9):
        raise Unreadable(path.name, f"has a UNet of {in_channels} input channels, not 4 or 9")
    _check_whole(path, header, base)
    prediction, said = _prediction(path, header, base, in_channels)
    kind = kind_of(path.stem)
    return Layout(
        family_of(base, width),
        in_channels,
        _native(path, header, base, prediction),
        kind,
        prediction,
        "ztsnr" in header.tensors,
        sayable(header.metadata.get("modelspec.license", "")),
        "" if said else ASSUMED,
        steps_of(path.stem, kind),
    )


def sayable(text: str) -> str:
    """What a file or a hub says, as far as people can read it: a terminal would obey the rest."""
    return "".join(letter for letter in text if letter.isprintable())[:MOST_LICENCE].strip()


def _base(path: Path, header: Header) -> tuple[str, int]:
    """Which family's layout, and the width of the text that its UNet listens to."""
    names = header.tensors
    listens = next((header.shape(name) for name in names if LISTENS.fullmatch(name)), ())
    if len(header.shape(FIRST)) != 4 or len(listens) != 2:
        raise Unreadable(path.name, what_it_is(header))
    if _has(header, REFINER):
        raise Unreadable(path.name, "is the refiner of Stable Diffusion XL, which is not used")
    if LABELS in names:
        return SDXL, listens[1]
    return SD2 if _has(header, OPEN_CLIP[0]) else SD1, listens[1]


def what_it_is(header: Header) -> str:
    """What a file is that is no checkpoint, as the end of a sentence."""
    for pattern, kind in OTHERS:
        found = re.compile(pattern)
        if any(found.search(name) for name in header.tensors):
            return f"is {kind}, not a whole model"
    return "is of a kind that is not known here"


def _check_whole(path: Path, header: Header, base: str) -> None:
    latent = header.shape(VAE + "post_quant_conv.weight")
    if not latent or latent[0] != 4:
        raise Unreadable(path.name, "lacks its VAE (first_stage_model)")
    needed = {SD1: CLIP[:1], SD2: OPEN_CLIP[:1], SDXL: (CLIP[1], OPEN_CLIP[1])}[base]
    missing = [prefix for prefix in needed if not _has(header, prefix)]
    if missing:
        raise Unreadable(path.name, f"lacks its text encoder ({missing[0].rstrip('.')})")
    if find_vocabulary(path, words_known(header)) is None:
        raise Unreadable(path.name, NO_VOCABULARY)


def words_known(header: Header) -> int:
    """Rows of the token table of the checkpoint's first text encoder; 0 without one."""
    return next(
        (
            tensor.shape[0]
            for name, tensor in header.tensors.items()
            if name.endswith("token_embedding.weight") and len(tensor.shape) == 2
        ),
        0,
    )


def _has(header: Header, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in header.tensors)


def _prediction(path: Path, header: Header, base: str, in_channels: int) -> tuple[str, bool]:
    """What the UNet answers, and whether anything said so.

    Told by a .yaml file beside it, its metadata, a tensor (`v_pred`, as trainers write it) or
    its name. Of Stable Diffusion 2 both kinds were published, in files of equal shapes; the one
    most used answers v.
    """
    told = _told(path) or header.metadata.get("modelspec.prediction_type", "").lower()
    if told in PREDICTIONS:
        return PREDICTIONS[told], True
    name = words_of(path.stem)
    if "v_pred" in header.tensors or NAMES_V.search(name):
        return "v_prediction", True
    if base != SD2 or in_channels == 9 or NAMES_EPSILON.search(name) or kind_of(path.stem):
        return "epsilon", True
    return "v_prediction", bool(NAMES_LARGE.search(name))


def _told(path: Path) -> str:
    """The parameterization in the .yaml file beside a checkpoint: "v" or "epsilon", or nothing."""
    try:
        with path.with_suffix(".yaml").open(encoding="utf-8", errors="replace") as file:
            text = file.read(2**16)
    except OSError:
        return ""
    found = re.search(r"^\s*parameterization:\s*[\"']?(v|eps)\w*[\"']?\s*$", text, re.MULTILINE)
    return {"v": "v", "eps": "epsilon"}[found[1]] if found else ""


def _native(path: Path, header: Header, base: str, prediction: str) -> Size:
    """The size it was trained at: told by its metadata ("1024x1024"), else by its family."""
    said = re.fullmatch(r"(\d{2,4})x\1", header.metadata.get("modelspec.resolution", ""))
    side = int(said[1]) if said else 0
    if 64 <= side <= 4096 and side % 8 == 0:
        return Size(side, side)
    return native_of(base, v_prediction=prediction == "v_prediction", name=path.stem)
