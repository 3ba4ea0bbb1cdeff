-- Proves: what was known of a symbol reads back to the payload, and says what there is not.
begin;
select plan(2);
select matches(audit.tell_data('{"data": {"instrument": {"name": "A", "universe": null}, "bar": {"session": "2020-01-06", "provider": "p", "close": 1.5,
    "other_sources": [{"provider": "q", "close": 2, "price_basis": "raw"}], "payload": {"payload_id": 3, "sha256": "ff", "bytes": 9}},
    "bars_known": 4, "revised_since": [{}]}, "inputs": {"governance_state": "ACTIVE", "features": {"rsi_14": 50}}}'),
    'close 1\.5.*received in payload 3, sha256 ff, 9 bytes.*q said 2 \(raw\).*revised since: 1.*rsi_14 50', 'all of it');
select matches(audit.tell_data('{"data": {"instrument": {}, "bar": null, "revised_since": []}, "inputs": null}'),
    'no bar was known.*not an active symbol', 'nothing of it');
select * from finish();
rollback;
