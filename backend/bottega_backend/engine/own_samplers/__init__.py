"""Samplers of our own, in k-diffusion's terms; one file each."""
