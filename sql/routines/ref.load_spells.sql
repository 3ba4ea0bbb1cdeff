-- ref.load_spells(rows): writes ref.universe from an array of {symbol, sector, valid_from, valid_to}; valid_to null: it lasts.
-- Why: the universe is effective-dated (A2): a sector change ends a spell and begins another. What was said about the past stays:
-- a stored spell's sector cannot change and its end can only be set while it lasts; a spell no longer given stays too.
-- Called by: ref.load_universe, which holds the lock. Raises: MQ105 (a spell would be rewritten), MQ106 (spells overlap).
create or replace function ref.load_spells(p_spells jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_bad text;
    v_count integer;
begin
    select format('symbol=%s valid_from=%s', u.symbol, u.valid_from) into v_bad
    from jsonb_to_recordset(p_spells) as g (symbol text, sector text, valid_from date, valid_to date)
        join ref.universe as u on u.symbol = g.symbol and u.valid_from = g.valid_from
    where g.sector is distinct from u.sector
        or u.valid_to < 'infinity' and coalesce(g.valid_to, 'infinity') is distinct from u.valid_to
    order by 1 limit 1;
    if v_bad is not null then
        raise exception using errcode = 'MQ105', message = 'a stored spell in the universe cannot be rewritten', detail = v_bad,
            hint = 'in configs/universe.csv give the old spell a valid_to and add a line for the new one';
    end if;
    insert into ref.universe as u (symbol, sector, valid_from, valid_to)
    select g.symbol, g.sector, g.valid_from, coalesce(g.valid_to, 'infinity')
    from jsonb_to_recordset(p_spells) as g (symbol text, sector text, valid_from date, valid_to date)
    on conflict (symbol, valid_from) do update set valid_to = excluded.valid_to
    where u.valid_to is distinct from excluded.valid_to;
    get diagnostics v_count = row_count;

    select format('symbol=%s valid_from=%s previous_valid_to=%s', o.symbol, o.valid_from, o.previous_valid_to) into v_bad
    from (
            select u.symbol, u.valid_from, lag(u.valid_to) over (partition by u.symbol order by u.valid_from) as previous_valid_to
            from ref.universe as u
        ) as o
    where o.valid_from < o.previous_valid_to
    order by 1 limit 1;
    if v_bad is not null then
        raise exception using errcode = 'MQ106', message = 'two spells of a symbol overlap', detail = v_bad,
            hint = 'in configs/universe.csv end the earlier spell at or before the first date of the later one';
    end if;
    return v_count;
end;
$$;
comment on function ref.load_spells(jsonb) is
'Writes spells in the universe; returns the rows added or ended. Raises MQ105 for a rewritten spell, MQ106 for an overlap.';
