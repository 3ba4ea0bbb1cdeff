-- govern.read_quality(): the rows of quality.symbol_governance and quality.data_quality as they stand, or the fault that forbids
-- it.
-- Why: SQL never depends on a relation of dbt (I18): read dynamically, as jsonb, through a role that can read and nothing else.
-- All rows come along: those of another session are the judge's to refuse. Numbers keep every digit (extra_float_digits).
-- `t.*`, because a column may be called t.
-- Owner: fund_gatekeeper. Called by: govern.read_relations. Raises: nothing.
create or replace function govern.read_quality()
returns table (relation text, fault text, found_rows jsonb)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_name text;
begin
    foreach v_name in array array['symbol_governance', 'data_quality'] loop
        relation := 'quality.' || v_name;
        fault := govern.relation_fault('quality', v_name);
        found_rows := '[]'::jsonb;
        if fault is null then
            execute format(
                'select coalesce(jsonb_agg(r.line order by r.line ->> ''symbol'' collate "C"), ''[]''::jsonb)'
                ' from (select to_jsonb(t.*) as line from quality.%I as t) as r', v_name
            ) into found_rows;
        end if;
        return next;
    end loop;
end;
$$;
comment on function govern.read_quality() is
'Two rows: quality.symbol_governance and quality.data_quality as jsonb in symbol order, or the fault that forbids reading.';
grant create on schema govern to fund_gatekeeper;
alter function govern.read_quality() owner to fund_gatekeeper;
revoke create on schema govern from fund_gatekeeper;
