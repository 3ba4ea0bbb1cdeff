# The runner: one image for every duty; compose says which command and which role's password a container gets.
FROM python:3.13-slim-bookworm

# One thread for the numeric libraries (NUMERICS 5); `python -m runner` sets them too.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

# Which lock: requirements-all.txt has every extra, the dashboard's among them.
ARG LOCK=requirements.txt

WORKDIR /fund
COPY requirements.txt requirements-all.txt ./
RUN pip install --require-hashes -r ${LOCK}

COPY pyproject.toml README.md LICENSE ./
COPY sql sql
COPY dbt dbt
COPY configs configs
COPY runner runner

RUN useradd --create-home --uid 10001 fund && mkdir -p /fund/.runner /fund/anchors /fund/runtime \
    && chown fund:fund /fund/.runner /fund/anchors /fund/runtime
USER fund
VOLUME ["/fund/.runner", "/fund/anchors", "/fund/runtime"]
ENTRYPOINT ["python", "-m", "runner"]
CMD ["--help"]
