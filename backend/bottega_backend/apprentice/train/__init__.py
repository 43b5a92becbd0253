"""How the Apprentice is trained, from nothing: one command, stage by stage, on GPU or CPU."""
