"""The parts of bench/soak: what is said (wire), who says it (load), what is watched (watch)."""
