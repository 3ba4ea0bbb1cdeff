"""The crash sweep: broker-sync killed at every boundary, under every fault, and what was lost, doubled or forgotten.

`launcher`   forks workers: real `python -m runner sync --once` processes, with imports paid once
`boundaries` counts, inside a worker, every point before and after a statement and a call, and kills it at one of them
`scene`      a desk of orders in a database and the same account at the fake Alpaca, both restored before each run
`oracle`     compares the fake's journal with the database: lost, doubled, untracked, phantom
`sweep`      boundaries x faults, in parallel lanes; `python -m tests.crash` is what `make test-crash` runs
"""
