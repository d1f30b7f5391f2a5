"""Arabic text analysis, indexes, hybrid search, evidence, answers and conversation logic (no HTTP, no UI)."""
