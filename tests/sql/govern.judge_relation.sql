-- Proves: I17: empty, NULL, doubled, dated, non-finite and out of range refuse.
begin;
select plan(21);
create function pg_temp.judged(p_relation text, p_rows jsonb) returns text language sql as $$
    select govern.judge_relation(p_relation, null, (
        select jsonb_agg('{"reasons": [], "vetoes": []}'::jsonb || r) from jsonb_array_elements(p_rows) as r
    ), '2013-02-27')
$$;
select is(govern.judge_relation('quality.data_quality', 'NOT_PLAIN', '[]', '2013-02-27'), 'NOT_PLAIN', 'a fault');
select is(pg_temp.judged('quality.data_quality', '[]'), 'EMPTY', 'empty');
select is(pg_temp.judged('quality.data_quality', null), 'EMPTY', 'NULL');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": null, "as_of_session": "2013-02-27", "score": 1, "provider_confidence": 1}]'), 'SYMBOL_NULL', 'no symbol');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": "A", "as_of_session": "2013-02-27", "score": 1, "provider_confidence": 1}, {"symbol": "A", "as_of_session": "2013-02-27", "score": 1, "provider_confidence": 1}]'), 'DUPLICATE', 'a symbol twice');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": "A", "as_of_session": "2013-02-26", "score": 1, "provider_confidence": 1}]'), 'WRONG_SESSION', 'yesterday''s');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": "A", "score": 1, "provider_confidence": 1}]'), 'WRONG_SESSION', 'undated');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": "A", "as_of_session": "2013-02-27", "score": "NaN", "provider_confidence": 1}]'), 'NOT_FINITE', 'NaN');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": "A", "as_of_session": "2013-02-27", "score": null, "provider_confidence": 1}]'), 'NOT_FINITE', 'a NULL score');
select is(pg_temp.judged('quality.data_quality', '[{"symbol": "A", "as_of_session": "2013-02-27", "score": 1.1, "provider_confidence": 1}]'), 'OUT_OF_RANGE', 'a score above 1');
select is(pg_temp.judged('quality.symbol_governance', '[{"symbol": "A", "as_of_session": "2013-02-27", "state": "OPEN", "valid_sessions": 3}]'), 'STATE_UNKNOWN', 'an unknown state');
select is(pg_temp.judged('quality.symbol_governance', '[{"symbol": "A", "as_of_session": "2013-02-27", "state": null, "valid_sessions": 3}]'), 'STATE_UNKNOWN', 'a NULL state');
select is(pg_temp.judged('quality.symbol_governance', '[{"symbol": "A", "as_of_session": "2013-02-27", "state": "ACTIVE", "valid_sessions": "Infinity"}]'), 'NOT_FINITE', 'infinite sessions');
create function pg_temp.listed(p_relation text, p_change jsonb) returns text language sql as $$
    select pg_temp.judged(p_relation, jsonb_build_array(
        '{"symbol": "A", "as_of_session": "2013-02-27", "state": "ACTIVE", "valid_sessions": 3, "score": 1, "provider_confidence": 1}'::jsonb || p_change
    ))
$$;
select is(pg_temp.listed('quality.data_quality', '{"score": "high"}'), 'NOT_FINITE', 'a text is no score');
select is(pg_temp.listed('quality.data_quality', '{"score": 1e400}'), 'OUT_OF_RANGE', 'nor a number too large for one');
select is(pg_temp.listed('quality.data_quality', '{"vetoes": null}'), 'WRONG_COLUMNS', 'NULL is no list of vetoes');
select is(
    govern.judge_relation('quality.data_quality', null, '[{"symbol": "A", "as_of_session": "2013-02-27", "score": 1, "provider_confidence": 1}]', '2013-02-27'),
    'WRONG_COLUMNS', 'nor is a column that is not there'
);
select is(pg_temp.listed('quality.symbol_governance', '{"reasons": "x"}'), 'WRONG_COLUMNS', 'nor is one text a list of reasons');
select is(pg_temp.listed('quality.symbol_governance', '{"reasons": [["x"]]}'), 'WRONG_COLUMNS', 'nor a list of lists');
select is(pg_temp.listed('quality.symbol_governance', '{"reasons": ["x", "y"]}'), null, 'a list of texts is');
select is(pg_temp.judged('features.features', '[{"symbol": "A", "session": "2013-02-27", "numbers": {}}]'), null, 'usable');
select * from finish();
rollback;
