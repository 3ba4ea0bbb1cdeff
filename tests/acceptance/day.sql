-- A day at the risk desk: what an analyst asks after the demo's last cycle (as of 2013-02-27), with the answers beside it in day.out.
-- Run by tests/acceptance/test_day.py as fund_analyst:  psql -X -a -f day.sql
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
\pset footer off

-- How did each cycle end?
select as_of_session, trade_session, mode, state, reason, exit_code from audit.cycles order by as_of_session;

-- Which symbols may trade, and why not the others?
select governance_state, count(*), min(valid_sessions) as fewest_sessions, max(governance_reasons) as reasons
from audit.cycle_inputs join audit.cycles using (cycle_id) where as_of_session = '2013-02-27' group by 1 order by 1;

-- What was decided for the names we hold or wanted, and why?
select symbol, final_decision, round(position_size::numeric, 4) as weight, round(conviction::numeric, 3) as conviction, reason_codes
from audit.decisions join audit.cycles using (cycle_id)
where as_of_session = '2013-02-27' and final_decision <> 'REJECT' order by symbol;

-- Which limits stopped or cut something, and how often in the week?
select limit_name, action, count(*) from audit.limit_findings group by 1, 2 order by 1, 2;

-- What became of Monday's orders?
select symbol, leg, side, quantity, state, round(average_price, 4) as price, price_basis from audit.orders
where trade_session = '2013-02-25' order by symbol, leg;

-- One order, event by event.
select step, event, from_state, to_state, actor from audit.order_lifecycle
where client_order_id = (select min(client_order_id) from audit.orders where symbol = 'PEP') order by step;

-- The book and its value.
select symbol, quantity, round(average_price, 4) as average_price from trade.positions where quantity <> 0 order by symbol;
select session, round(nav, 2) as nav, round(long_value, 2) as long, round(short_value, 2) as short from trade.nav order by session;

-- Has anybody touched the log?
select intact, entries = head_seq as complete, problem from audit.verify_chain();

-- An analyst reads; nothing else.
delete from audit.audit_log;
update trade.orders set quantity = 1;
select trade.place_orders('x', 1, '[]');
