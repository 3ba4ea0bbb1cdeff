// Loads sql/ into TimescaleDB (lane.mjs), runs every tests/sql/*.sql there, and counts.
//
// Exits 1 where a file fails to load, an invariant gives a row, a plan is not met or an assertion fails.
//
// Usage: node run.mjs [FILE.sql …]   (files of tests/sql; all of them by default)

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { boot, files, load, run, versions } from './lane.mjs'

const tests = join(dirname(fileURLToPath(import.meta.url)), '..', 'sql')

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
  console.log(`pgTAP: ${assertions} assertions on ${await versions(db)}`)
} catch (error) {
  broken += 1
  console.log(`FAILED ${error.message}`)
} finally {
  await db.close()
}
process.exitCode = broken > 0 ? 1 : 0
