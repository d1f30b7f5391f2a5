"""Files to articles, passages, attributions, catalog and indexes: their only writer."""
