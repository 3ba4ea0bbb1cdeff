-- 0033 withdrawn cancels: a cancel that was to make way for a leg that is gone, and was never tried, is withdrawn.
comment on column trade.order_requests.settled_at is
'Instant by ops.now() at which the order had its terminal fact, or the request was withdrawn untried (UNSENT, LATER_LEG_GONE); '
'NULL before.';
comment on column trade.order_events.event is
'placed, refused, released, acknowledged, fill, cancelled, rejected, expired, returned; of a cancel: requested, answered, '
'withdrawn.';
