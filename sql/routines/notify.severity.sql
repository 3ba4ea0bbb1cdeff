-- notify.severity(level): 1 LOW, 2 MEDIUM, 3 HIGH, 4 CRITICAL; NULL for no level (ruling F16).
-- Called by: notify.enqueue, notify.see_alerts, notify.claim_deliveries, notify.unsent_alerts. Raises: nothing.
create or replace function notify.severity(p_level text)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select array_position(array['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'], p_level)
$$;
comment on function notify.severity(text) is 'Rank of an alert''s level, 1 LOW to 4 CRITICAL; NULL for what is no level.';
