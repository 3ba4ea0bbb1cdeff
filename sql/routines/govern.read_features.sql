-- govern.read_features(session, symbols): the rows of features.features and of features.company_features of one session, or the
-- fault that forbids it.
-- Why: as govern.read_quality. By symbol and session, because features.features holds the whole history.
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
declare
    v_name text;
    v_session text;
begin
    for v_name, v_session in values ('features', 'session'), ('company_features', 'as_of_session') loop
        relation := 'features.' || v_name;
        fault := govern.relation_fault('features', v_name);
        found_rows := '[]'::jsonb;
        if fault is null then
            begin
                execute format(
                    'select coalesce(jsonb_agg(jsonb_build_object(''symbol'', f.symbol, ''session'', f.%2$I,'
                    ' ''known_at'', extract(epoch from f.known_at), ''numbers'', n.numbers)'
                    ' order by f.symbol collate "C"), ''[]''::jsonb)'
                    ' from features.%1$I as f cross join lateral ('
                    '     select coalesce(jsonb_object_agg(e.key, e.value), ''{}''::jsonb) as numbers'
                    '     from jsonb_each(to_jsonb(f.*)) as e'
                    '     where e.value <> ''null''::jsonb and e.key in ('
                    '         select a.attname from pg_attribute as a where a.attrelid = ''features.%1$I''::regclass'
                    '         and a.attnum > 0 and a.atttypid = ''double precision''::regtype)'
                    ' ) as n where f.%2$I = $1 and f.symbol = any ($2)', v_name, v_session
                ) into found_rows using p_session, p_symbols;
            exception when undefined_column or undefined_function or datatype_mismatch then
                fault := 'WRONG_COLUMNS';
            end;
        end if;
        return next;
    end loop;
end;
$$;
comment on function govern.read_features(date, text[]) is
'Two rows: features.features and features.company_features of the session and symbols as jsonb in symbol order, or the fault '
'that forbids reading.';
grant create on schema govern to fund_gatekeeper;
alter function govern.read_features(date, text[]) owner to fund_gatekeeper;
revoke create on schema govern from fund_gatekeeper;
