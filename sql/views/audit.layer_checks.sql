-- audit.layer_checks: what each layer said when a basket was placed and when orders were released.
create or replace view audit.layer_checks as
select
    k.check_id, k.cycle_id, k.run, k.account, k.phase, (v ->> 'layer')::integer as layer, v ->> 'layer_name' as layer_name,
    v ->> 'verdict' as verdict, v ->> 'reason_code' as reason_code, v -> 'evidence' as evidence, k.decided_at, k.recorded_at
from decide.layer_checks as k
    cross join jsonb_array_elements(k.verdicts) as v;
comment on view audit.layer_checks is
'One row per asking of a run''s layers after the gate, and layer; audit.gate_verdicts has those of the gate.';
comment on column audit.layer_checks.check_id is 'The asking.';
comment on column audit.layer_checks.cycle_id is 'Cycle.';
comment on column audit.layer_checks.run is 'Run of the cycle.';
comment on column audit.layer_checks.account is 'Account.';
comment on column audit.layer_checks.phase is 'place or release; release only when a verdict changed since the last asking.';
comment on column audit.layer_checks.layer is 'Layer, 1 to 11; at placing 1 to 9.';
comment on column audit.layer_checks.layer_name is 'Name of the layer.';
comment on column audit.layer_checks.verdict is 'PASS, REFUSE or NOT_BUILT.';
comment on column audit.layer_checks.reason_code is 'Machine-readable reason.';
comment on column audit.layer_checks.evidence is 'Numbers the verdict rests on.';
comment on column audit.layer_checks.decided_at is 'Instant by ops.now().';
comment on column audit.layer_checks.recorded_at is 'Wall instant.';
