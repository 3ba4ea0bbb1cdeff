-- audit.gate_verdicts: one row per cycle and governance layer 1-11, of the cycle's final run.
create or replace view audit.gate_verdicts as
select
    g.cycle_id, g.layer, l.layer_name, g.verdict, g.reason_code, g.evidence, g.account, g.run, g.decided_at, g.recorded_at
from decide.gate_verdicts as g
    join audit.concluded_runs as f on f.cycle_id = g.cycle_id and f.run = g.run
    join govern.layers as l on l.layer = g.layer;
comment on view audit.gate_verdicts is 'One row per cycle and governance layer.';
comment on column audit.gate_verdicts.cycle_id is 'Cycle.';
comment on column audit.gate_verdicts.layer is 'Layer, 1 to 11.';
comment on column audit.gate_verdicts.layer_name is 'Name of the layer.';
comment on column audit.gate_verdicts.verdict is 'PASS, REFUSE or NOT_BUILT.';
comment on column audit.gate_verdicts.reason_code is 'Machine-readable reason; NOT_REACHED where an earlier layer refused.';
comment on column audit.gate_verdicts.evidence is 'Numbers the verdict rests on.';
comment on column audit.gate_verdicts.account is 'Account.';
comment on column audit.gate_verdicts.run is 'Run of the cycle.';
comment on column audit.gate_verdicts.decided_at is 'Instant by ops.now().';
comment on column audit.gate_verdicts.recorded_at is 'Wall instant.';
