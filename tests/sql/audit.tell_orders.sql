-- Proves: orders with what became of them and why they were cancelled, position and entries of the log.
begin;
select plan(5);
select matches(audit.tell_orders('{"orders": [{"client_order_id": "A-1", "side": "SELL", "quantity": 5, "order_type": "STOP", "stop_price": 9.5,
    "limit_price": null, "state": "FILLED", "refused_by": null, "cost_usd": 3.25, "events": [{"event": "placed", "to": "PENDING", "actor": "r"}],
    "fills": [{"quantity": 5, "price": 9.1, "session": "2020-01-07", "fee": 0.1, "price_basis": "raw"}]}],
    "position": {"after_trade_session": {"quantity": 5, "session": "2020-01-07"}, "now": null, "remembered": null},
    "audit": [{"seq": 12, "event": "e12", "actor": "r"}, {"seq": 9, "event": "e9", "actor": "r"}]}'),
    'A-1: SELL 5 STOP at 9\.5.*placed -> PENDING \(r\).*fill 5 at 9\.1.*cost against the price decided on 3\.25 USD.*5 shares after 2020-01-07, 0 now; remembered: -.*9 e9.*12 e12', 'all of it');
select matches(audit.tell_orders('{"orders": [], "position": {"after_trade_session": {}}, "audit": []}'), 'ORDERS\n  none.*AUDIT\n  none', 'nothing of it');
select matches(audit.tell_orders('{"orders": [], "audit": [], "position": {"after_trade_session": {"session": "2020-01-07", "quantity": null}}}'),
    'not over yet: 2020-01-07, 0 now', 'a session to come');
select matches(audit.tell_orders('{"orders": [{"client_order_id": "A-1", "events": [{"event": "placed", "to": "PENDING", "actor": "r"},
    {"event": "cancel requested", "to": "ACKNOWLEDGED", "actor": "r", "detail": {"reason": "KILL_SWITCH"}}, {"event": "cancelled", "to": "CANCELLED", "actor": "r"}]}],
    "position": {"after_trade_session": {}}, "audit": []}'),
    'placed -> PENDING \(r\), cancel requested -> ACKNOWLEDGED \(r: KILL_SWITCH\), cancelled -> CANCELLED \(r\)', 'why it was cancelled');
select matches(audit.tell_orders('{"orders": [{"client_order_id": "A-1", "events": [{"event": "rejected", "to": "REJECTED", "actor": "r", "detail": {"reason": "403 no"}}]}],
    "position": {"after_trade_session": {}}, "audit": []}'), 'rejected -> REJECTED \(r: 403 no\)', 'and in which words the broker refused it');
select * from finish();
rollback;
