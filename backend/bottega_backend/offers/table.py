"""What can be asked: the table of capabilities, the samplers, and what a request may name."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_backend.shelf.catalog import Catalog, Model
from bottega_protocol.errors import Refusal
from bottega_protocol.offers import CapabilityOffer, ModelOffer
from bottega_protocol.requests import AnyRequest, capability_of

SAMPLERS = (
    "Euler",
    "Euler Karras",
    "Euler a",
    "Euler a Karras",
    "DPM++ 2M",
    "DPM++ 2M Karras",
    "DPM++ 2M SDE",
    "DPM++ 2M SDE Karras",
    "DPM++ SDE",
    "DPM++ SDE Karras",
    "DPM++ 2S a",
    "DPM++ 2S a Karras",
    "DPM++ 3M SDE",
    "DPM++ 3M SDE Karras",
    "UniPC",
    "UniPC Karras",
    "DDIM",
    "Heun",
    "Heun Karras",
    "DPM2",
    "DPM2 Karras",
    "DPM2 a",
    "DPM2 a Karras",
    "LMS",
    "LMS Karras",
    "LCM",
    "TCD",
)
"""Every sampler by the name that artists know it by: those in common use, then the others.

LCM and TCD are for models distilled for them.
"""


@dataclass(frozen=True)
class Capability:
    """One line of the table: its name on the wire, its title in a menu, its default strength."""

    name: str
    title: str
    strength: float


CAPABILITIES = (
    Capability("generate", "Generate", 1.0),
    Capability("fill", "Fill", 1.0),
    Capability("refine", "Refine", 0.5),
)
"""Everything that can be asked, in the order in which it is offered."""


def find_capability(name: str) -> Capability:
    """The line of a capability; raises Refusal for a name that is not in the table."""
    for capability in CAPABILITIES:
        if capability.name == name:
            return capability
    raise Refusal(
        "unknown-capability",
        f"This backend can't do {name!s:.40}.",
        "Update the backend, or choose another capability.",
    )


def choose_model(capability: str, id_: str, catalog: Catalog) -> Model:
    """The model that a request means; raises Refusal for one that is unknown or can't do it."""
    find_capability(capability)
    model = catalog.find(id_) if id_ else catalog.default(capability)
    if capability not in model.capabilities:
        raise Refusal(
            "unknown-model",
            f"{model.name} can't do {capability}.",
            f"Choose another model, such as {catalog.default(capability).name}.",
        )
    return model


def choose_sampler(name: str, model: Model) -> str:
    """The sampler that a request means; raises Refusal for a name that is not in the list."""
    if not name:
        return model.sampler
    if name not in SAMPLERS:
        raise Refusal(
            "unknown-sampler",
            f"There is no sampler {name!s:.60}.",
            f"Choose one of: {', '.join(SAMPLERS)}.",
        )
    return name


def admit(request: AnyRequest, catalog: Catalog) -> Model:
    """Check what only the backend can know of a request; returns its model or raises Refusal."""
    model = choose_model(capability_of(request), request.model, catalog)
    choose_sampler(request.sampler, model)
    return model


def offers(catalog: Catalog) -> tuple[tuple[CapabilityOffer, ...], tuple[ModelOffer, ...]]:
    """Everything that can be asked, as records of the wire."""
    capabilities = tuple(_offer(capability, catalog) for capability in CAPABILITIES)
    models = tuple(
        ModelOffer(
            model.id,
            model.name,
            model.family,
            model.capabilities,
            model.native,
            model.licence,
            model.note,
            model.kind,
            model.sampler,
            model.steps,
            model.guidance,
        )
        for model in catalog.models
    )
    return capabilities, models


def _offer(capability: Capability, catalog: Catalog) -> CapabilityOffer:
    model = catalog.default(capability.name)
    return CapabilityOffer(
        capability.name,
        capability.title,
        model.id,
        model.sampler,
        model.steps,
        model.guidance,
        capability.strength,
    )
