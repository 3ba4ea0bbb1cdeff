-- 0019 quality parts: a cycle keeps what a symbol's quality score was made of, beside the score it was judged by (I24).

alter table decide.cycle_inputs add column quality jsonb not null default '{}'::jsonb check (jsonb_typeof(quality) = 'object');
comment on column decide.cycle_inputs.quality is
'Fractions, defects and vetoes behind data_quality_score, as quality.data_quality had them; empty where it was not readable, and '
'in what was copied before there was this column.';
