# PostgreSQL 17 with TimescaleDB, and pgTAP for the test suite.
FROM timescale/timescaledb:2.23.0-pg17 AS database

FROM database AS pgtap
RUN apk add --no-cache make perl patch git \
    && git clone --depth 1 --branch v1.3.3 https://github.com/theory/pgtap /pgtap \
    && make -C /pgtap install

FROM database AS test
COPY --from=pgtap /usr/local/share/postgresql/extension/pgtap* /usr/local/share/postgresql/extension/
