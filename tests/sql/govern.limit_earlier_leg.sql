-- Proves: D14, B5 (a leg does not go out on a position that is gone).
begin;
select plan(11);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_earlier_leg(jsonb_populate_record(
        null::govern.order_contexts, '{"releasing": true, "leg": "entry", "earlier_leg": "stop", "earlier_filled": 0, "earlier_unfilled": 100}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(earlier_leg,t,WITHIN)', 'an entry behind a stop that did not fire leaves'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"earlier_filled": 1}') as f),
    '(earlier_leg,f,STOP_FIRED)', 'behind one that fired, even in part, it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"earlier_filled": null}') as f),
    '(earlier_leg,f,STOP_FIRED)', 'not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"releasing": false, "earlier_filled": 1}') as f),
    '(earlier_leg,t,WAITS)', 'at placing it waits'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"releasing": null}') as f),
    '(earlier_leg,f,INPUT_UNKNOWN)', 'not knowing which refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"earlier_leg": null}') as f),
    '(earlier_leg,t,NO_EARLIER_LEG)', 'what waits for nothing leaves'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"leg": "exit", "earlier_filled": 40}') as f),
    '(earlier_leg,t,WITHIN)', 'an exit is judged by what is held'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"earlier_leg": "exit"}') as f),
    '(earlier_leg,f,NOT_CLOSED)', 'an entry behind an exit that did not fill would reduce'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"earlier_leg": "exit", "earlier_filled": 100, "earlier_unfilled": 0}') as f),
    '(earlier_leg,t,WITHIN)', 'behind one that filled whole it opens'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"earlier_leg": "entry", "earlier_filled": 1}') as f),
    '(earlier_leg,f,REPLACED_ORDER_FILLED)', 'a replacement of what filled since does not leave'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"leg": "stop", "earlier_filled": 1}') as f),
    '(earlier_leg,f,REPLACED_ORDER_FILLED)', 'nor that of a stop'
);

select * from finish();
rollback;
