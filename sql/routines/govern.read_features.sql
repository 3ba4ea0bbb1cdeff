-- govern.read_features(session, symbols): the rows of features.features of one session, or the fault that forbids it.
-- Why: as govern.read_quality. By symbol and session, because the relation holds the whole history.
-- Each row: {symbol, session, known_at, numbers: {feature: number}}; only double precision columns are features, NULL is left
-- out; a number that is not finite has become a text, which the judge refuses.
-- Owner: fund_gatekeeper. Called by: govern.read_relations. Raises: nothing.
create or replace function govern.read_features(p_session date, p_symbols text[])
returns table (relation text, fault text, found_rows jsonb)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
begin
    relation := 'features.features';
    fault := govern.relation_fault('features', 'features');
    found_rows := '[]'::jsonb;
    if fault is null then
        begin
            execute
                'select coalesce(jsonb_agg(jsonb_build_object(''symbol'', f.symbol, ''session'', f.session,'
                ' ''known_at'', extract(epoch from f.known_at), ''numbers'', n.numbers)'
                ' order by f.symbol collate "C"), ''[]''::jsonb)'
                ' from features.features as f cross join lateral ('
                '     select coalesce(jsonb_object_agg(e.key, e.value), ''{}''::jsonb) as numbers'
                '     from jsonb_each(to_jsonb(f.*)) as e'
                '     where e.value <> ''null''::jsonb and e.key in ('
                '         select a.attname from pg_attribute as a where a.attrelid = ''features.features''::regclass'
                '         and a.attnum > 0 and a.atttypid = ''double precision''::regtype)'
                ' ) as n where f.session = $1 and f.symbol = any ($2)'
            into found_rows using p_session, p_symbols;
        exception when undefined_column or undefined_function or datatype_mismatch then
            fault := 'WRONG_COLUMNS';
        end;
    end if;
    return next;
end;
$$;
comment on function govern.read_features(date, text[]) is
'One row: features.features of the session and symbols as jsonb in symbol order, or the fault that forbids reading.';
grant create on schema govern to fund_gatekeeper;
alter function govern.read_features(date, text[]) owner to fund_gatekeeper;
revoke create on schema govern from fund_gatekeeper;
