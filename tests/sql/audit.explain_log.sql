-- Proves: I24: entries of the cycle and of a symbol's orders, not of another's, each with its hash.
begin;
select plan(3);
select audit.append('[{"event": "cycle.opened", "cycle_id": "c", "body": {}}, {"event": "order.placed", "cycle_id": "c", "body": {"symbol": "AAA"}},
    {"event": "order.placed", "cycle_id": "c", "body": {"symbol": "BBB"}}, {"event": "order.placed", "cycle_id": "d", "body": {"symbol": "AAA"}}]');
select is(jsonb_path_query_array(audit.explain_log('c', 'AAA'), '$[*].seq'), '[1, 2]'::jsonb, 'its entries');
select is(audit.explain_log('c', 'AAA') -> 1 ->> 'hash', encode(l.hash, 'hex'), 'with the hash') from audit.audit_log as l where l.seq = 2;
select is(audit.explain_log('x', 'AAA'), '[]'::jsonb, 'none');
select * from finish();
rollback;
