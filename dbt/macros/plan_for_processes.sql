{#-
    How a full refresh of a series is to be planned: symbol after symbol in two processes beside the one that writes, where the
    server has them to spare; groups read in the order of the key instead of sorted. The writing one computes nothing: while it
    was busy with a symbol, the others waited with full queues (measured: a twentieth of the time). They are started once and
    for all of it: where a gather is free, small tables are gathered by themselves, and what is above them is one process's
    (measured). Their calls of functions say what they cost (calc.*), or one process would seem enough. NUMERICS 5 keeps workers
    from float sums, whose last digits are the order of their rows: here no sum leaves its symbol, and a symbol is one process's.
    `set local` ends with the model's transaction.
-#}
{% macro plan_for_processes() %}
    set local max_parallel_workers_per_gather = 2;
    set local parallel_leader_participation = off;
    set local min_parallel_table_scan_size = 0;
    set local parallel_tuple_cost = 0;
    set local enable_sort = off;
    set local enable_mergejoin = off;
    set local work_mem = '256MB';
    set local maintenance_work_mem = '256MB';
{% endmacro %}
