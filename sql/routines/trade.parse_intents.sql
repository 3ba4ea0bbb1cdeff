-- trade.parse_intents(intents): a basket as jsonb, read strictly.
-- What: an array of objects with symbol, leg, side, quantity and, where they differ from a market order for the day, order_type,
-- time_in_force, limit_price, stop_price, revision. Numbers may be text. Quantity: positive, at most four decimals (F14).
-- Why: a wish that cannot be read is misuse, not a refusal: nothing of the basket is placed.
-- Called by: trade.place_orders. Raises: MQ304 naming the intent's position.
create or replace function trade.parse_intents(p_intents jsonb)
returns setof govern.order_intents
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_keys constant text[] := array[
        'symbol', 'leg', 'side', 'quantity', 'order_type', 'time_in_force', 'limit_price', 'stop_price', 'revision'
    ];
    v_item jsonb;
    v_intent govern.order_intents;
    v_position integer := 0;
    v_wrong text;
begin
    if jsonb_typeof(p_intents) is distinct from 'array' then
        raise exception using errcode = 'MQ304', message = 'a basket is a JSON array of intents',
            detail = format('type=%s', coalesce(jsonb_typeof(p_intents), 'null')), hint = 'an empty basket is []';
    end if;
    for v_item in select e.value from jsonb_array_elements(p_intents) with ordinality as e (value, n) order by e.n loop
        v_position := v_position + 1;
        begin
            v_intent := jsonb_populate_record(row(
                null, null, null, null, 'MARKET', 'DAY', null, null, 0
            )::govern.order_intents, jsonb_strip_nulls(v_item));
            v_wrong := case
                when v_item - c_keys <> '{}' then 'unknown key'
                when not exists (select 1 from ref.instruments as i where i.symbol = v_intent.symbol) then 'symbol'
                when (v_intent.leg in ('entry', 'exit', 'stop', 'hedge', 'liquidation')) is not true then 'leg'
                when (v_intent.side in ('BUY', 'SELL')) is not true then 'side'
                when (v_intent.quantity > 0 and v_intent.quantity < 'Infinity'
                    and v_intent.quantity = trunc(v_intent.quantity, 4)) is not true then 'quantity'
                when (v_intent.order_type in ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')) is not true then 'order_type'
                when (v_intent.time_in_force in ('DAY', 'GTC', 'IOC', 'FOK')) is not true then 'time_in_force'
                when v_intent.order_type in ('LIMIT', 'STOP_LIMIT') <> (v_intent.limit_price is not null)
                    or not coalesce(v_intent.limit_price > 0 and v_intent.limit_price < 'Infinity', true) then 'limit_price'
                when v_intent.order_type in ('STOP', 'STOP_LIMIT') <> (v_intent.stop_price is not null)
                    or not coalesce(v_intent.stop_price > 0 and v_intent.stop_price < 'Infinity', true) then 'stop_price'
                when (v_intent.revision >= 0) is not true then 'revision'
            end;
        exception
            when data_exception then v_wrong := sqlerrm;
        end;
        if v_wrong is not null then
            raise exception using errcode = 'MQ304', message = format('intent %s cannot be read: %s', v_position, v_wrong),
                detail = format('position=%s symbol=%s', v_position, v_item ->> 'symbol'),
                hint = 'symbol of ref.instruments, leg, side BUY or SELL, quantity with at most four decimals; see trade.orders';
        end if;
        return next v_intent;
    end loop;
end;
$$;
comment on function trade.parse_intents(jsonb) is 'The intents of a basket in the given order, defaults filled in. Raises MQ304.';
