-- Proves: the cumulative binomial against Basel's published table (250 trials at 1 %), by hand, at its ends; no question, no answer.
begin;
select plan(8);
-- Basel Committee, January 1996, table 2: cumulative probability of as many exceptions or fewer, per cent.
select results_eq(
    $$select array_agg(round(100 * calc.binomial_cumulative(k, 250, 0.01)::numeric, 2) order by k) from generate_series(0, 10) as k$$,
    $$values (array[8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99])$$, 'the zones'' table'
);
select is(round(calc.binomial_cumulative(1, 3, 0.5)::numeric, 15), 0.5, 'one of three heads or fewer');
select is(round(calc.binomial_cumulative(0, 20, 0.05)::numeric, 12), round(0.95 ^ 20, 12), 'none');
select is(calc.binomial_cumulative(250, 250, 0.05) between 1 - 1e-12 and 1, true, 'all or fewer is certain, and never more');
select is(calc.binomial_cumulative(3, 2, 0.05), null, 'more than there are');
select is(calc.binomial_cumulative(-1, 2, 0.05), null, 'fewer than none');
select is(calc.binomial_cumulative(1, 2, 1), null, 'a certain thing has no tail');
select is(calc.binomial_cumulative(null, 2, 0.05), null, 'unknown');
select * from finish();
rollback;
