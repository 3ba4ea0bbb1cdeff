// What compression does to a history of bars: size before and after, and three analysts' queries on either, as JSON.
//
// Sizes are the database's own count of a hypertable with its indexes. Timings are of WebAssembly, one thread: only their
// ratio says something. Usage: node compression.mjs BARS.csv   (symbol,session,open,high,low,close,volume; a header line)

import { readFileSync } from 'node:fs'
import { boot, load, versions } from './lane.mjs'

const ROUNDS = 5
const QUERIES = {
  'one symbol, whole history': `
    select count(*), avg(h.close) from market.price_history as h where h.symbol = $1`,
  'every symbol, last year': `
    select h.symbol, max(h.high), min(h.low), sum(h.volume) from market.price_history as h
    where h.session > (select max(x.session) - 365 from market.price_history as x) group by h.symbol`,
  'monthly bars of one symbol': `
    select date_trunc('month', h.session::timestamp) as month, max(h.high), min(h.low), sum(h.volume)
    from market.price_history as h where h.symbol = $1 group by 1 order by 1`
}

const size = async (db) =>
  Number((await db.query("select hypertable_size('market.price_history') as bytes")).rows[0].bytes)

// Milliseconds of each query, the quickest of some rounds.
async function timed(db, symbol) {
  const found = {}
  for (const [name, query] of Object.entries(QUERIES)) {
    const times = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now()
      await db.query(query, query.includes('$1') ? [symbol] : [])
      times.push(performance.now() - began)
    }
    found[name] = Math.min(...times)
  }
  return found
}

const db = await boot()
await load(db)
// COPY into a hypertable crashes this build: rows go in as arrays.
const rows = readFileSync(process.argv[2], 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split(','))
const columns = [0, 1, 2, 3, 4, 5, 6]
for (let start = 0; start < rows.length; start += 5000) {
  const part = rows.slice(start, start + 5000)
  await db.query(
    `insert into market.price_history (
       symbol, session, open, high, low, close, volume, provider, revision, price_kind, price_basis, known_at, recorded_at
     )
     select b.symbol, b.session, b.open, b.high, b.low, b.close, b.volume, 'bench', 0, 'ohlcv', 'raw',
       b.session + interval '21 hours', now()
     from unnest($1::text[], $2::date[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[])
       as b (symbol, session, open, high, low, close, volume)`,
    columns.map((column) => part.map((row) => row[column] || null))
  )
}
await db.exec('vacuum analyze market.price_history')
const symbol = rows[Math.floor(rows.length / 2)][0]
const plain = { bytes: await size(db), milliseconds: await timed(db, symbol) }
await db.exec("select compress_chunk(c) from show_chunks('market.price_history') as c")
await db.exec('vacuum analyze market.price_history')
const compressed = { bytes: await size(db), milliseconds: await timed(db, symbol) }
console.log(JSON.stringify({ on: await versions(db), rows: rows.length, plain, compressed }))
await db.close()
