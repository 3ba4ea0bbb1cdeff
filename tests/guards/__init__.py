"""Tests the tests: each guard is taken out of a copy of the tree, and the suite must notice (`make test-guards`)."""
