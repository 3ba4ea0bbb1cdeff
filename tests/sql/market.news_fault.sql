-- Proves: every fault of a headline has its code, the bound itself passes, and nothing a source can send raises.
begin;
create table pg_temp.cases (changes jsonb, expected text);
insert into cases values
('{}', null), ('{"symbols": null}', null), ('{"symbols": ["AAA", "TST"]}', null), ('{"story": null}', null),
('{"headline": "  A''; DROP TABLE x;--  "}', null), ('{"headline": "\u00c4rger \u2013 \u65e5\u672c \ud83d\ude80"}', null),
('{"published_at": "2020-01-08T12:00:00Z"}', null),
('{"published_at": null}', 'NO_PUBLISHED_INSTANT'), ('{"published_at": "now"}', 'UNREADABLE_INSTANT'), ('{"published_at": "2020-01-03"}', 'UNREADABLE_INSTANT'),
('{"published_at": 5}', 'UNREADABLE_INSTANT'), ('{"published_at": "2020-01-08T12:00:01Z"}', 'PUBLISHED_IN_FUTURE'),
('{"published_at": "0001-01-01T00:00:00Z"}', 'ABSURD_INSTANT'),
('{"headline": null}', 'EMPTY_HEADLINE'), ('{"headline": ""}', 'EMPTY_HEADLINE'), ('{"headline": " \u00a0\t"}', 'EMPTY_HEADLINE'),
('{"headline": "a\u0007b"}', 'CONTROL_CHARACTER'), ('{"headline": "a\nb"}', 'CONTROL_CHARACTER'), ('{"headline": "a\u202eb"}', 'CONTROL_CHARACTER'),
('{"headline": "a\u0085b"}', 'CONTROL_CHARACTER'), ('{"headline": "a\ufffdb"}', 'CONTROL_CHARACTER'),
('{"source": null}', 'NO_SOURCE'), ('{"source": " "}', 'NO_SOURCE'), ('{"source": "a\u0001"}', 'UNREADABLE_SOURCE'),
('{"story": ""}', 'UNREADABLE_STORY'), ('{"story": "a\u0001"}', 'UNREADABLE_STORY'),
('{"symbols": "TST"}', 'UNREADABLE_SYMBOLS'), ('{"symbols": [1, "TST"]}', 'UNREADABLE_SYMBOLS'), ('{"symbols": ["", "TST"]}', 'UNREADABLE_SYMBOLS'),
('{"symbols": {"TST": 1}}', 'UNREADABLE_SYMBOLS'), ('{"symbols": [["TST"]]}', 'UNREADABLE_SYMBOLS'),
('{"symbols": []}', 'SYMBOL_NOT_NAMED'), ('{"symbols": ["AAA"]}', 'SYMBOL_NOT_NAMED');
insert into cases values
(jsonb_build_object('headline', repeat('x', 1000)), null), (jsonb_build_object('headline', repeat('x', 1001)), 'OVERSIZED_HEADLINE'),
(jsonb_build_object('source', repeat('x', 201)), 'UNREADABLE_SOURCE'), (jsonb_build_object('story', repeat('x', 201)), 'UNREADABLE_STORY');
select plan((select count(*) from cases)::integer + 1);
select is(market.news_fault(
    '{"story": "s-1", "published_at": "2020-01-03T13:00:00Z", "source": "Wire", "headline": "Test beats", "symbols": ["TST"]}'::jsonb || c.changes,
    'TST', '2020-01-08 12:00Z'
), c.expected, left(c.changes::text, 60)) from cases as c;
select is(market.news_fault('{}', 'TST', '2020-01-08 12:00Z'), 'NO_PUBLISHED_INSTANT', 'an empty row');
select * from finish();
rollback;
