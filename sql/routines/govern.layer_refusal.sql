-- govern.layer_refusal(closed, leg): the finding of the layer that closes the leg's class of order; NULL where none does.
-- closed: what govern.recheck_layers returned; NULL is unread and refuses (I17).
-- Called by: trade.place_intent, trade.release_verdict. Raises: nothing.
create or replace function govern.layer_refusal(p_closed jsonb, p_leg text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_closed is null or c.order_class is null then jsonb_build_object('limit_name', 'LAYERS', 'reason', 'UNREAD')
        when p_closed ? c.order_class then jsonb_build_object(
            'limit_name', 'LAYER_' || (p_closed -> c.order_class ->> 'layer'),
            'reason', p_closed -> c.order_class -> 'reason_code',
            'clears', p_closed -> c.order_class -> 'clears'
        )
    end
    from (select 1) as one
        left join govern.order_classes as c on c.leg = p_leg
$$;
comment on function govern.layer_refusal(jsonb, text) is
'The layer that closes the leg''s class of order, as a finding {limit_name, reason, clears}; NULL where none does.';
