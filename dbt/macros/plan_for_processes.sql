{#-
    How a full refresh of a series is to be planned: symbol after symbol in two processes, where the server has one to spare;
    groups read in the order of the key, as if no page cost more than another, instead of sorted. (Not enable_sort: before
    PostgreSQL 18 the penalty of the one sort there is no way around hides all other costs, and the plan is one process's.) A
    second process is started once and for all of it, so that is dear: where a gather costs what it does by itself, small tables
    are gathered one by one, and what is above them is one process's (measured); a handful of symbols is not worth one. Calls say
    what they cost (calc.*), or one process would always seem enough. NUMERICS 5 keeps workers from float sums, whose last digits
    are the order of their rows: here no sum leaves its symbol, and a symbol is one process's. `set local` ends with the model's
    transaction.
-#}
{% macro plan_for_processes() %}
    set local max_parallel_workers_per_gather = 1;
    set local min_parallel_table_scan_size = 0;
    set local parallel_setup_cost = 10000;
    set local parallel_tuple_cost = 0;
    set local random_page_cost = 0;
    set local enable_mergejoin = off;
    set local work_mem = '256MB';
    set local maintenance_work_mem = '256MB';
{% endmacro %}
