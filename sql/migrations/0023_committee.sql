-- 0023 committee: the alpha family an agent spoke for, and the relation of dbt that says what is known of companies.

-- The tables hold a row per session, run and symbol, the new column is empty: each scan and its lock are over at once.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint

alter table decide.model_outputs add column family text check (family <> '');
comment on column decide.model_outputs.family is 'Alpha family the agent spoke for; NULL in runs older than families.';

alter table decide.relation_reads drop constraint relation_reads_relation_check;
alter table decide.relation_reads add constraint relation_reads_relation_check check (
    relation in ('quality.symbol_governance', 'quality.data_quality', 'features.features', 'features.company_features')
);
