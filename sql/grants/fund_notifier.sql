-- fund_notifier: sends what the alert outbox holds and records what became of it; may raise alerts of its own and kill.
grant usage on schema notify, ops to fund_notifier;
grant execute on function notify.enqueue(text, text, text, text, text, text, jsonb, integer) to fund_notifier;
grant execute on function notify.claim_deliveries(text, text, text, integer, integer) to fund_notifier;
grant execute on function notify.channel_states() to fund_notifier;
grant execute on function notify.record_delivery(text, jsonb, text) to fund_notifier;
grant execute on function notify.beat(text, integer, integer) to fund_notifier;
grant select on ops.instances to fund_notifier;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_notifier;
grant execute on function ops.now() to fund_notifier;
