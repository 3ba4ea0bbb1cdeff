-- trade.parse_reports(reports): order reports of a broker as jsonb, read strictly.
-- What: an array of objects with client_order_id, broker_order_id, status, symbol, side, quantity, filled_quantity, order_type,
-- time_in_force, limit_price, stop_price, updated_at, reason; the last four may be null.
-- Called by: trade.record_reports, trade.record_orphans. Raises: MQ361 naming the position.
create or replace function trade.parse_reports(p_reports jsonb)
returns table (
    client_order_id text, broker_order_id text, status text, symbol text, side text, quantity numeric, filled_quantity numeric,
    order_type text, time_in_force text, limit_price numeric, stop_price numeric, updated_at timestamptz, reason text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_report jsonb;
    v_position integer := 0;
    v_wrong text;
begin
    if jsonb_typeof(p_reports) is distinct from 'array' then
        raise exception using errcode = 'MQ361', message = 'reports are a JSON array',
            detail = format('type=%s', coalesce(jsonb_typeof(p_reports), 'null')), hint = 'no report is []';
    end if;
    for v_report in select e.value from jsonb_array_elements(p_reports) with ordinality as e (value, n) order by e.n loop
        v_position := v_position + 1;
        begin
            select r.* into client_order_id, broker_order_id, status, symbol, side, quantity, filled_quantity, order_type,
                time_in_force, limit_price, stop_price, updated_at, reason
            from jsonb_to_record(v_report) as r (
                client_order_id text, broker_order_id text, status text, symbol text, side text, quantity numeric,
                filled_quantity numeric, order_type text, time_in_force text, limit_price numeric, stop_price numeric,
                updated_at timestamptz, reason text
            );
            v_wrong := case
                when coalesce(broker_order_id, '') = '' then 'broker_order_id'
                when coalesce(status, '') = '' then 'status'
                when coalesce(symbol, '') = '' then 'symbol'
                when (quantity > 0 and quantity < 'Infinity') is not true then 'quantity'
                when (filled_quantity >= 0 and filled_quantity < 'Infinity') is not true then 'filled_quantity'
            end;
        exception
            when data_exception then v_wrong := sqlerrm;
        end;
        if v_wrong is not null then
            raise exception using errcode = 'MQ361', message = format('report %s cannot be read: %s', v_position, v_wrong),
                detail = format('position=%s broker_order_id=%s', v_position, v_report ->> 'broker_order_id'),
                hint = 'the adapter of the broker reads its answers; an incomplete one is an incomplete snapshot';
        end if;
        return next;
    end loop;
end;
$$;
comment on function trade.parse_reports(jsonb) is 'A broker''s order reports as rows, in the given order. Raises MQ361.';
