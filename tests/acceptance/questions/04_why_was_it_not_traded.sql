-- Why was each symbol traded or not on one day? One sentence per symbol of the universe on Monday 29 September 2008, when the
-- House voted the rescue down; all of it is in audit.explain.
-- Answer: Of 24 symbols ten were sold and one was bought back; the others met a cap, waited after a stop, or had too short a
-- history.
select i.symbol, audit.explain_json('2008-09-29', i.symbol) ->> 'answer' as answer
from audit.cycle_inputs as i join audit.cycles as c using (cycle_id) where c.as_of_session = '2008-09-29' order by i.symbol;
