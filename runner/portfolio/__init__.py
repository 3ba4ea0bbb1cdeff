"""From wishes to a target book: the capital auction and what follows it. Pure; knows nothing of agents or database."""
