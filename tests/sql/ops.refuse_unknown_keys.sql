-- Proves: batches are arrays of objects with known keys only.
begin;
select plan(6);
select lives_ok('select ops.refuse_unknown_keys(''[]'', array[''a''])', 'an empty batch');
select lives_ok('select ops.refuse_unknown_keys(''[{"a": 1}, {}]'', array[''a''])', 'known keys');
select throws_ok('select ops.refuse_unknown_keys(''[{"a": 1}, {"b": 1}]'', array[''a''])', 'MQ204', null, 'an unknown key');
select throws_ok('select ops.refuse_unknown_keys(''{"a": 1}'', array[''a''])', 'MQ204', null, 'no array');
select throws_ok('select ops.refuse_unknown_keys(''[1]'', array[''a''])', 'MQ204', null, 'no object');
select throws_ok('select ops.refuse_unknown_keys(null, array[''a''])', 'MQ204', null, 'NULL');
select * from finish();
rollback;
