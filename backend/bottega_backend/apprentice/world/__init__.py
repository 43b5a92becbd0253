"""The Apprentice's painted world: scenes drawn by chance, and everything that is true of them."""
