-- trade.confirmed_breaks(account, differences, before): the differences two readings in a row have become breaks; their audit events.
-- Why: between two calls of one reading an execution may happen: only what lasts is a break, and lasts by the same amount. Another
-- account's id never waits.
-- Called by: trade.record_snapshot, which holds the account. Raises: nothing of its own.
create or replace function trade.confirmed_breaks(p_account text, p_differences jsonb, p_before jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_difference jsonb;
    v_event jsonb;
    v_events jsonb := '[]';
begin
    for v_difference in select e.value from jsonb_array_elements(p_differences) as e (value) loop
        if v_difference ->> 'kind' = 'ACCOUNT_ID' or exists (
            select 1
            from jsonb_array_elements(p_before) as b
            where b - array['ours', 'theirs'] = v_difference - array['ours', 'theirs']
                and (
                    v_difference ->> 'kind' not in ('CASH', 'POSITION')
                    or (b ->> 'theirs')::numeric - (b ->> 'ours')::numeric
                        is not distinct from (v_difference ->> 'theirs')::numeric - (v_difference ->> 'ours')::numeric
                )
        ) then
            v_event := trade.raise_break(
                p_account, v_difference ->> 'kind', v_difference ->> 'symbol', v_difference ->> 'subject', v_difference
            );
            v_events := v_events || coalesce(v_event, '[]'::jsonb);
        end if;
    end loop;
    return v_events;
end;
$$;
comment on function trade.confirmed_breaks(text, jsonb, jsonb) is
'Raises the differences that two readings in a row have as breaks and returns their audit events.';
