-- Proves: every fault of a statement has its code, the bound itself passes, and nothing a source can send raises.
begin;
create table pg_temp.cases (changes jsonb, expected text);
insert into cases values
('{}', null), ('{"accession": null}', null), ('{"revenue": "1.5e3"}', null), ('{"revenue": null, "net_income": 0}', null),
('{"period_months": 0, "revenue": null, "net_income": null, "total_assets": 0}', null), ('{"period_months": "9"}', null),
('{"filed_at": "2018-12-31T22:00:00-05:00"}', null), ('{"filed_at": "2020-01-08T12:00:00Z"}', null),
('{"shares_outstanding": 1000}', null), ('{"revenue": 1e14}', null), ('{"revenue": -5}', null), ('{"eps_diluted": -0.01}', null),
('{"filed_at": null}', 'NO_FILING_INSTANT'), ('{"filed_at": "yesterday"}', 'UNREADABLE_INSTANT'), ('{"filed_at": ""}', 'UNREADABLE_INSTANT'),
('{"filed_at": "2019-02-01"}', 'UNREADABLE_INSTANT'), ('{"filed_at": "infinity"}', 'UNREADABLE_INSTANT'), ('{"filed_at": [1]}', 'UNREADABLE_INSTANT'),
('{"filed_at": "2020-01-08T12:00:01Z"}', 'FILED_IN_FUTURE'), ('{"filed_at": "9999-01-01T00:00:00Z"}', 'FILED_IN_FUTURE'),
('{"period_end": null}', 'NO_PERIOD_END'), ('{"period_end": "2018-02-30"}', 'UNREADABLE_PERIOD_END'), ('{"period_end": "31.12.2018"}', 'UNREADABLE_PERIOD_END'),
('{"period_end": "now"}', 'UNREADABLE_PERIOD_END'), ('{"period_end": 20181231}', 'UNREADABLE_PERIOD_END'), ('{"period_end": {"a": 1}}', 'UNREADABLE_PERIOD_END'),
('{"period_end": "1949-12-31"}', 'ABSURD_PERIOD_END'), ('{"filed_at": "2018-12-30T22:00:00-05:00"}', 'FILED_BEFORE_PERIOD_END'),
('{"period_months": null}', 'UNKNOWN_PERIOD'), ('{"period_months": 4}', 'UNKNOWN_PERIOD'), ('{"period_months": -12}', 'UNKNOWN_PERIOD'),
('{"period_months": "12.0"}', 'UNKNOWN_PERIOD'), ('{"period_months": "twelve"}', 'UNKNOWN_PERIOD'), ('{"period_months": 99999999999}', 'UNKNOWN_PERIOD'),
('{"form": null}', 'NO_FORM'), ('{"form": ""}', 'NO_FORM'), ('{"form": "10\u0007K"}', 'UNREADABLE_FORM'), ('{"accession": ""}', 'UNREADABLE_ACCESSION'),
('{"accession": "a\u202eb"}', 'UNREADABLE_ACCESSION'), ('{"revenue": null, "net_income": null}', 'NO_NUMBERS'),
('{"revenue": "12,5"}', 'UNREADABLE_NUMBER'), ('{"revenue": ""}', 'UNREADABLE_NUMBER'), ('{"revenue": true}', 'UNREADABLE_NUMBER'),
('{"revenue": 1e999}', 'UNREADABLE_NUMBER'), ('{"revenue": [1]}', 'UNREADABLE_NUMBER'), ('{"revenue": "A''; drop table x;--"}', 'UNREADABLE_NUMBER'),
('{"revenue": "NaN"}', 'NON_FINITE'), ('{"net_income": "Infinity"}', 'NON_FINITE'), ('{"book_value": "-inf"}', 'NON_FINITE'),
('{"shares_outstanding": 0}', 'NON_POSITIVE'), ('{"market_cap": -1}', 'NON_POSITIVE'), ('{"capital_expenditure": -1}', 'NEGATIVE_NUMBER'),
('{"dividends_paid": -1}', 'NEGATIVE_NUMBER'), ('{"total_assets": -1}', 'NEGATIVE_NUMBER'), ('{"dividends_per_share": -0.1}', 'NEGATIVE_NUMBER'),
('{"total_liabilities": -1}', 'NEGATIVE_NUMBER'), ('{"revenue": 1.1e14}', 'ABSURD_NUMBER'), ('{"eps_diluted": -2e6}', 'ABSURD_NUMBER'),
('{"shares_outstanding": 925.2}', 'ABSURD_NUMBER'), ('{"net_income": 1e-300}', 'ABSURD_NUMBER'), ('{"revenue": -1e-7}', 'ABSURD_NUMBER'),
('{"total_assets": 1e-7}', 'ABSURD_NUMBER'), ('{"eps_diluted": -1e-6}', null), ('{"period_months": 0}', 'FLOW_WITHOUT_PERIOD');
-- A form longer than any there is.
insert into cases select jsonb_build_object('form', repeat('x', 41)), 'UNREADABLE_FORM';
select plan((select count(*) from cases)::integer + 1);
select is(market.fundamental_fault(
    '{"period_end": "2018-12-31", "period_months": 12, "form": "10-K", "accession": "a-1", "filed_at": "2019-02-01T22:00:00Z", "revenue": 100,
        "net_income": 10}'::jsonb || c.changes, '2020-01-08 12:00Z'
), c.expected, left(c.changes::text, 60)) from cases as c;
select is(market.fundamental_fault('{}', '2020-01-08 12:00Z'), 'NO_FILING_INSTANT', 'an empty row');
select * from finish();
rollback;
