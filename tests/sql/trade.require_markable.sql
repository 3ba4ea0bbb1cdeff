-- Proves: A6; MQ240, MQ318, MQ319, MQ320, MQ321.
begin;
select plan(7);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');

select is((trade.require_markable('test', '2020-01-06')).session, null, 'the opening session has no mark before it');
select throws_ok($$select trade.require_markable('test', '2020-01-05')$$, 'MQ318', null, 'not a session');
select throws_ok($$select trade.require_markable('none', '2020-01-06')$$, 'MQ240', null, 'not an account');
select throws_ok($$select trade.require_markable('test', '2020-01-07')$$, 'MQ319', null, 'not over');
select ops.advance_clock('2020-01-08 21:30+00');
select throws_ok($$select trade.require_markable('test', '2020-01-07')$$, 'MQ320', null, 'an order is open');
select trade.record_end(fixtures.aaa(), 'EXPIRED', 'NO_BAR');
select is((trade.require_markable('test', '2020-01-07')).session, date '2020-01-06', 'the mark before');
select throws_ok($$select trade.require_markable('test', '2020-01-08')$$, 'MQ321', null, 'not out of order');

select * from finish();
rollback;
