-- trade.refuse_change(): trigger of the tables whose rows are facts. What: refuses update, delete and truncate.
-- Why: fills, events, cash and marks are what happened; a correction is a row of its own (I9, I21). Always enabled, so that no
-- session setting switches it off; the owner meets it too.
-- Called by: the triggers below. Raises: MQ308.
create or replace function trade.refuse_change()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using errcode = 'MQ308', message = format('%s.%s holds facts: rows are added, never changed', tg_table_schema, tg_table_name),
        detail = format('operation=%s', tg_op),
        hint = 'record a correction: an adjustment, or a ledger entry of kind correction';
end;
$$;
comment on function trade.refuse_change() is 'Trigger: refuses to change or remove a fact. Raises MQ308.';

do $triggers$
declare
    v_table text;
begin
    foreach v_table in array array['cash_ledger', 'fills', 'nav', 'order_events', 'position_adjustments'] loop
        execute format(
            'create or replace trigger facts_stay before update or delete on trade.%I for each row execute function trade.refuse_change()',
            v_table
        );
        execute format(
            'create or replace trigger facts_are_not_truncated before truncate on trade.%I for each statement execute function trade.refuse_change()',
            v_table
        );
        execute format('alter table trade.%I enable always trigger facts_stay', v_table);
        execute format('alter table trade.%I enable always trigger facts_are_not_truncated', v_table);
    end loop;
end
$triggers$;
