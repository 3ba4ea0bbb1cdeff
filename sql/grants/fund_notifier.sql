-- fund_notifier: reads the alert outbox; may raise alerts of its own and kill.
grant usage on schema notify, ops to fund_notifier;
grant execute on function notify.enqueue(text, text, text, text, text, text, jsonb, integer) to fund_notifier;
grant select on notify.alerts to fund_notifier;
grant execute on function ops.beat(text, text, integer, jsonb) to fund_notifier;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_notifier;
grant execute on function ops.now() to fund_notifier;
