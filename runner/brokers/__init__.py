"""Brokers: one module each behind the protocol of `base`, and `sync`, the only caller."""
