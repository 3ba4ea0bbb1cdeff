{#-
    How a model that joins sets of its own making is to be planned, as its pre_hook: by hash or sort, never row against row. The
    planner knows nothing of a common table expression's size and, once the tables beneath are analysed, may expect a row where
    there are a hundred thousand (measured: 10 minutes and no end, instead of 8 s). `set local` ends with the model's transaction.
    A lateral call is a nested loop whatever this says.
-#}
{% macro plan_for_sets() %}
    set local enable_nestloop = off;
    set local work_mem = '256MB';
{% endmacro %}
