-- Proves: sources come by asset class and priority, each with whether its history reaches the window.
begin;
select plan(3);
select fixtures.feed();
select ref.load_capabilities('[
    {"provider": "raw_b", "asset_class": "equity", "priority": 2, "history_days_max": 5000, "requires_entitlement": true},
    {"provider": "raw_a", "asset_class": "equity", "priority": 9, "history_days_max": 8, "requires_entitlement": false},
    {"provider": "adj_c", "asset_class": "crypto", "priority": 1, "history_days_max": 5000, "requires_entitlement": false}]');

select results_eq(
    $$select request, asset_class, provider, reaches from market.routes('{TST,NONE,TST}', '{2019-12-31,2019-12-31,2019-12-30}')$$,
    $$values (0, 'equity', 'raw_b', true), (0, 'equity', 'raw_a', true), (2, 'equity', 'raw_b', true), (2, 'equity', 'raw_a', false)$$,
    'by priority within the class; eight days before the 8th are reached, nine are not'
);
select is_empty($$select * from market.routes('{NONE}', '{2020-01-02}')$$, 'an unknown instrument can be asked of nobody');
select ref.load_capabilities('[]');
select is_empty($$select * from market.routes('{TST}', '{2020-01-02}')$$, 'nor one of a class no source has');

select * from finish();
rollback;
