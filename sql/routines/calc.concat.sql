-- calc.concat(array order by …): arrays one after the other, as one.
-- Why: a series is kept in segments (dbt macros/segments.sql); array_agg of arrays wants equal lengths and makes two dimensions.
-- Called by: the models of dbt features. Raises: nothing.
create or replace aggregate calc.concat(anycompatiblearray) (
    sfunc = pg_catalog.array_cat,
    stype = anycompatiblearray,
    parallel = safe
);
comment on aggregate calc.concat(anycompatiblearray) is
'The arrays of the rows, concatenated in the order given, in the elements'' own unit; null arrays are left out, no row gives null.';
