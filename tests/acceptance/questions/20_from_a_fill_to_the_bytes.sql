-- Where does a fill come from? From execution to order, decision, view, bar and the payload it was received in (I24).
-- Answer: From two payloads, by their SHA-256.
select f.session, f.side, trim_scale(f.quantity) as quantity, f.symbol, d.final_decision, d.reason_codes ->> 0 as reason,
    e.found -> 'data' -> 'bar' ->> 'session' as bar, e.found -> 'data' -> 'bar' ->> 'provider' as provider,
    e.found -> 'data' -> 'bar' -> 'payload' ->> 'bytes' as payload_bytes,
    left(e.found -> 'data' -> 'bar' -> 'payload' ->> 'sha256', 16) as payload_sha256,
    jsonb_array_length(e.found -> 'audit') as audit_entries
from trade.fills as f join audit.orders as o using (client_order_id)
    join audit.decisions as d on d.cycle_id = o.cycle_id and d.symbol = o.symbol
    cross join lateral (select audit.explain_json(o.cycle_id, o.symbol) as found) as e
where o.leg <> 'stop' and f.session = '2008-09-22' order by f.symbol, o.leg;
