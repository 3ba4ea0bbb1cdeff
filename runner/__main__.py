"""`python -m runner`: numeric libraries get one thread each, before any of them can be imported (NUMERICS 5)."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

from runner.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
