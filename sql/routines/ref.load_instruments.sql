-- ref.load_instruments(rows): writes ref.instruments from an array of {symbol, name, asset_class, calendar, currency, price_kind,
-- price_basis, tradable, shortable, is_benchmark}.
-- Why: one price basis and kind per instrument is what makes its history one series; once bars are stored it is fixed. A
-- calendar has one benchmark: one that is given displaces one whose line is gone, which would stay beside it.
-- Called by: ref.load_universe, which holds the lock. Raises: MQ104; a check constraint (23514) for a symbol, currency or word no
-- row may have, which runner/universe.py reports by line before it comes here.
create or replace function ref.load_instruments(p_instruments jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changed text;
    v_count integer;
    v_displaced integer;
begin
    select i.symbol into v_changed
    from jsonb_to_recordset(p_instruments)
            as g (symbol text, asset_class text, calendar text, currency text, price_kind text, price_basis text)
        join ref.instruments as i on i.symbol = g.symbol
    where (g.asset_class, g.calendar, g.currency, g.price_kind, g.price_basis)
        is distinct from (i.asset_class, i.calendar, i.currency, i.price_kind, i.price_basis)
        and exists (select 1 from market.ingest_batches as b where b.symbol = i.symbol)
    order by 1 limit 1;
    if v_changed is not null then
        raise exception using errcode = 'MQ104',
            message = 'an instrument with stored bars cannot change its class, calendar or price basis',
            detail = 'symbol=' || v_changed, hint = 'give the other series a symbol of its own in configs/universe.csv';
    end if;
    insert into ref.instruments as i (
        symbol, name, asset_class, calendar, currency, price_kind, price_basis, tradable, shortable, is_benchmark
    )
    select
        g.symbol, g.name, g.asset_class, g.calendar, g.currency, g.price_kind, g.price_basis,
        g.tradable, g.shortable, g.is_benchmark
    from jsonb_to_recordset(p_instruments) as g (
            symbol text, name text, asset_class text, calendar text, currency text, price_kind text, price_basis text,
            tradable boolean, shortable boolean, is_benchmark boolean
        )
    on conflict (symbol) do update set
        name = excluded.name, asset_class = excluded.asset_class, calendar = excluded.calendar, currency = excluded.currency,
        price_kind = excluded.price_kind, price_basis = excluded.price_basis, tradable = excluded.tradable,
        shortable = excluded.shortable, is_benchmark = excluded.is_benchmark
    where i is distinct from excluded;
    get diagnostics v_count = row_count;
    update ref.instruments as i set is_benchmark = false
    where i.is_benchmark and exists (
            select 1 from jsonb_to_recordset(p_instruments) as g (symbol text, calendar text, is_benchmark boolean)
            where g.calendar = i.calendar and g.is_benchmark
        )
        and not exists (
            select 1 from jsonb_to_recordset(p_instruments) as g (symbol text, is_benchmark boolean)
            where g.symbol = i.symbol and g.is_benchmark
        );
    get diagnostics v_displaced = row_count;
    return v_count + v_displaced;
end;
$$;
comment on function ref.load_instruments(jsonb) is
'Writes instruments; returns the rows added or changed. Raises MQ104 where stored bars rest on what would change.';
