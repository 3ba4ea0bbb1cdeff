"""Risk: measures of a book and the limits it is held against. Pure; knows nothing of agents, auction or database."""
