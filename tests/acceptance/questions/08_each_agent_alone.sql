-- What would each agent alone have said? Kelly on its own view (gamma 0.3, before any cap) beside the weight that was decided; a
-- view under confidence 0.3 is not heard.
-- Answer: One agent is built, so it is the ensemble: caps are what separates its wish from the weight.
select m.symbol, m.agent, round(m.score::numeric, 3) as score, round(m.confidence::numeric, 3) as confidence,
    round((0.3 * m.mu / (m.sigma * m.sigma))::numeric, 4) as alone, round(m.weight::numeric, 2) as ensemble_weight,
    round(d.position_size::numeric, 4) as decided, d.final_decision
from audit.model_outputs as m join audit.decisions as d using (cycle_id, symbol) join audit.cycles as c using (cycle_id)
where c.as_of_session = '2008-10-01' and not m.abstained order by abs(m.mu / m.sigma) desc, m.symbol limit 12;
