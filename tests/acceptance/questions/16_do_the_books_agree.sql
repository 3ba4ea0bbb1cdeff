-- Do the books agree with themselves, and has anybody touched the log? The paper exchange keeps its book here, so there is no
-- broker's reading to compare with.
-- Answer: To the last digit, and nobody has.
select count(*) as sessions, max(abs(cash_difference)) as cash, max(abs(value_difference)) as value, sum(snapshot_count) as readings,
    sum(breaks_raised) as breaks from mart.reconciliation;
select session, marked_value, position_value, value_difference from mart.reconciliation where value_difference <> 0 order by session;
select intact, entries = head_seq as complete, problem from audit.verify_chain();
