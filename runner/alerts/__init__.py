"""Alerts on their way to a person: the channels (`channels`) and the sender between outbox and channel (`sender`)."""
