-- Event sequences of orders, generated from a seed and judged after every event, inside the database (tests/seams/test_order_states.py).
create schema sequences;

-- An account of its own with a DONE cycle, copied from the desk's.
create function sequences.open(p_account text) returns void language sql as $$
    select trade.open_account(p_account, 'paper', 'paper', 'XTST', 1000000, null, '2020-01-06');
    insert into decide.cycles
    select (jsonb_populate_record(c, jsonb_build_object('cycle_id', md5(p_account), 'account', p_account))).*
    from decide.cycles as c where c.cycle_id = repeat('1', 32);
    insert into decide.cycle_runs
    select (jsonb_populate_record(r, jsonb_build_object('cycle_id', md5(p_account), 'account', p_account, 'state', 'DONE', 'reason', 'DONE',
        'closed_at', ops.now()))).*
    from decide.cycle_runs as r where r.cycle_id = repeat('1', 32);
$$;

-- A pending order, as placing leaves one.
create function sequences.place(p_account text, p_number integer, p_quantity numeric) returns text language sql as $$
    insert into trade.orders (
        client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, reference_price, price_basis, trade_session,
        config_sha256, state, placed_at
    )
    select p_account || '-' || p_number, p_account, md5(p_account), 1, (array['AAA', 'BBB', 'CCC', 'DDD'])[1 + p_number % 4], 'entry', p_number,
        case p_number % 3 when 0 then 'SELL' else 'BUY' end, p_quantity, 100, 'raw', '2020-01-07', repeat('a', 64), 'PENDING', ops.now()
    returning client_order_id
$$;

-- What a broker might report of it, right or wrong: any word, any filled quantity up to the order's.
create function sequences.report(p_order trade.orders, p_filled numeric) returns jsonb language sql volatile as $$
    select jsonb_build_array(jsonb_build_object(
        'client_order_id', p_order.client_order_id, 'broker_order_id', 'b-' || p_order.client_order_id,
        'status', (array['accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected'])[1 + floor(random() * 6)::integer],
        'symbol', p_order.symbol, 'side', p_order.side, 'quantity', p_order.quantity::text, 'filled_quantity', p_filled::text,
        'order_type', p_order.order_type, 'time_in_force', p_order.time_in_force, 'limit_price', null, 'stop_price', null,
        'updated_at', '2020-01-07T15:00:00Z', 'reason', null
    ))
$$;

-- One event of an order, chosen by `p_choice` in [0, 1); the number of the execution that was booked, 0 for none.
-- Executions 1 to p_parts are the broker's and fill the order whole; one more is another order's worth and must be refused.
create function sequences.act(p_order trade.orders, p_parts integer, p_choice double precision) returns integer language plpgsql as $$
declare
    v_token constant bigint := p_order.fencing_token - (random() < 0.1)::integer;
    v_part constant integer := 1 + floor(random() * (p_parts + 0.1))::integer;
    v_share constant numeric := trunc(p_order.quantity / p_parts, 4);
    v_state constant text := (array['PENDING', 'SUBMITTED', 'ACKNOWLEDGED', 'CANCELLED', 'REJECTED', 'EXPIRED'])[1 + floor(random() * 6)::integer];
    v_booked boolean := false;
begin
    case
        when p_choice < 0.20 then
            if p_order.state in ('PENDING', 'SUBMITTED') then
                perform trade.lease_order(p_order, 'w', 60, '{}');
            end if;
        when p_choice < 0.34 then perform trade.record_ack(p_order.client_order_id, v_token, 'b-' || p_order.client_order_id);
        when p_choice < 0.66 then
            v_booked := trade.record_fill(
                p_order.account, p_order.client_order_id || '/' || v_part, p_order.client_order_id,
                case
                    when random() < 0.03 or v_part > p_parts then p_order.quantity + 1
                    when v_part = p_parts then p_order.quantity - v_share * (p_parts - 1)
                    else v_share
                end, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00'
            );
        when p_choice < 0.74 then
            perform trade.record_end(p_order.client_order_id, (array['CANCELLED', 'REJECTED', 'EXPIRED'])[1 + floor(random() * 3)::integer], 'x', v_token);
        when p_choice < 0.84 then
            perform trade.record_reports(p_order.account, sequences.report(p_order, trunc((random() * p_order.quantity)::numeric, 4)));
        when p_choice < 0.89 then perform trade.record_doubt(p_order.client_order_id, v_token, 'TIMEOUT');
        when p_choice < 0.91 then perform trade.record_not_found(p_order.client_order_id, v_token, 60);
        when p_choice < 0.94 then perform trade.return_unsent(p_order.client_order_id, v_token, 'LIMITED');
        when p_choice < 0.97 then perform trade.request_cancel(p_order.client_order_id, 'x');
        else
            -- Straight at the state, as only the owner could: most of these are illegal. What is filled is the executions' to say.
            perform trade.move_order(p_order.client_order_id, v_state, 'forced', '{}', null, case v_state when 'REJECTED' then 'forced' end);
    end case;
    return case when v_booked then v_part else 0 end;
end;
$$;

-- `p_count` orders of an account, each through four to twelve events. After each event: what was filled has not fallen and is the sum of
-- the executions that were taken, each once; a terminal state is not left. Raises SEQ01 naming the order and what is broken.
create function sequences.run(p_account text, p_seed double precision, p_count integer, out events integer, out refused integer)
language plpgsql as $$
declare
    v_order trade.orders;
    v_before trade.orders;
    v_parts integer;
    v_part integer;
    v_taken integer[];
    v_filled numeric;
    v_filled_before numeric;
    v_broken text;
begin
    perform setseed(p_seed), sequences.open(p_account);
    events := 0;
    refused := 0;
    for v_number in 1..p_count loop
        v_parts := 1 + floor(random() * 4)::integer;
        v_taken := '{}';
        v_filled := 0;
        v_before.client_order_id := sequences.place(p_account, v_number, trunc((1 + random() * 99)::numeric, 4));
        for v_event in 1..4 + floor(random() * 9)::integer loop
            select o.* into v_before from trade.orders as o where o.client_order_id = v_before.client_order_id;
            v_filled_before := v_filled;
            v_part := 0;
            events := events + 1;
            begin
                v_part := sequences.act(v_before, v_parts, random());
            exception
                when others then
                    -- A code of ours, or the check that an order in doubt is SUBMITTED.
                    if sqlstate !~ '^MQ3' and sqlstate <> '23514' then
                        raise;
                    end if;
                    refused := refused + 1;
            end;
            select o.* into v_order from trade.orders as o where o.client_order_id = v_before.client_order_id;
            select coalesce(sum(f.quantity), 0) into v_filled from trade.fills as f where f.client_order_id = v_order.client_order_id;
            v_broken := case
                when v_filled < v_filled_before then 'filled quantity fell'
                when v_part = any (v_taken) then 'an execution was booked twice'
                when (v_filled > v_filled_before) <> (v_part > 0) then 'filled without an execution'
                when v_filled > v_order.quantity then 'more filled than ordered'
                when v_before.closed_at is not null and v_order is distinct from v_before then 'a terminal row changed'
                when v_order.state = 'FILLED' and v_filled <> v_order.quantity then 'FILLED without its executions'
                when v_order.state = 'PARTIAL' and v_filled in (0, v_order.quantity) then 'PARTIAL without a part'
                when v_order.state in ('PENDING', 'SUBMITTED', 'ACKNOWLEDGED') and v_filled > 0 then 'filled and not PARTIAL'
            end;
            if v_broken is not null then
                raise exception using errcode = 'SEQ01', message = v_broken,
                    detail = format('order=%s event=%s before=%s after=%s', v_order.client_order_id, v_event, v_before, v_order);
            end if;
            if v_part > 0 then
                v_taken := v_taken || v_part;
            end if;
        end loop;
    end loop;
end;
$$;

-- What holds over all of them; no row where all is well.
create function sequences.violations() returns table (violation text, subject text) language sql as $$
    select 'a move that is no transition', e.client_order_id
    from trade.order_events as e
    where e.from_state <> e.to_state and not exists (
        select 1 from trade.order_transitions as t where t.from_state = e.from_state and t.to_state = e.to_state
    )
    union all
    select 'an event that does not begin where the one before ended', x.client_order_id
    from (
        select e.client_order_id, e.from_state, lag(e.to_state) over (partition by e.client_order_id order by e.event_id) as previous
        from trade.order_events as e
    ) as x
    where x.previous <> x.from_state
    union all
    select 'more than one terminal fact', e.client_order_id
    from trade.order_events as e
        join trade.order_states as s on s.state = e.to_state and s.terminal
    where e.from_state <> e.to_state
    group by e.client_order_id
    having count(*) > 1
    union all
    select 'filled is not the sum of the fills', a.client_order_id
    from audit.orders as a
    where a.filled_quantity <> (select coalesce(sum(f.quantity), 0) from trade.fills as f where f.client_order_id = a.client_order_id)
    union all
    select 'a position is not the sum of its fills', p.account || ' ' || p.symbol
    from trade.positions as p
        left join (
            select f.account, f.symbol, sum(case f.side when 'BUY' then f.quantity else -f.quantity end) as quantity
            from trade.fills as f
            group by f.account, f.symbol
        ) as f on f.account = p.account and f.symbol = p.symbol
    where p.quantity is distinct from f.quantity
    union all
    select 'cash is not the sum of the fills', c.account
    from trade.cash as c
    where c.balance <> c.contributed + (
        select coalesce(sum(case f.side when 'BUY' then -f.quantity else f.quantity end * f.price - f.fee), 0)
        from trade.fills as f where f.account = c.account
    )
$$;
