-- market.open_batch(provider, symbol, payload): opens the batch that the rows of one payload and symbol land in.
-- Why: rows in market.bar_landing mean nothing without the source, instrument and payload they belong to.
-- Called by: runner/ingest.py as fund_ingestor, then COPY, then market.ingest_bars. Raises: MQ108.
create or replace function market.open_batch(p_provider text, p_symbol text, p_payload_id bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch bigint;
begin
    insert into market.ingest_batches (provider, payload_id, symbol, opened_at)
    select r.provider, r.payload_id, i.symbol, clock_timestamp()
    from market.provider_responses as r
        cross join ref.instruments as i
    where r.provider = p_provider and r.payload_id = p_payload_id and i.symbol = p_symbol
    returning batch_id into v_batch;
    if v_batch is null then
        raise exception using errcode = 'MQ108',
            message = 'a batch needs an archived payload of its provider and a known instrument',
            detail = format('provider=%s symbol=%s payload=%s', p_provider, p_symbol, p_payload_id),
            hint = 'add the symbol to configs/universe.csv and run python -m runner ingest';
    end if;
    return v_batch;
end;
$$;
comment on function market.open_batch(text, text, bigint) is
'Opens the batch of one payload and symbol; returns its number. Raises MQ108 for an unknown payload or instrument.';
