/**
 * Analyses three million flights as a Bag and as an Array on a local cluster, and stores a collection that
 * a second program gets by name. Run it with `npm run demo`.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, promisify } from 'node:util'
import { Presets, SingleBar } from 'cli-progress'
import { da, db, type Get, type GetOptions, getSync, LocalCluster } from 'skein'
import { correlation, delaysByHour, latestAirports } from './analysis.js'
import {
  dataFile,
  flightsFile,
  parseAirport,
  readColumn,
  readFlights,
  rowGroups,
} from './flights.js'

const cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
const client = await cluster.client()
console.log(`A scheduler at ${cluster.scheduler.addressToClients} and two workers\n`)

interface Computable<T> {
  compute(options: GetOptions & { get: Get }): Promise<T>
}

/** Computes on the cluster, with a progress bar. */
async function run<T>(title: string, collection: Computable<T>): Promise<T> {
  const bar = new SingleBar(
    { format: `${title} {bar} {value}/{total} tasks`, clearOnComplete: true },
    Presets.shades_classic,
  )
  bar.start(1, 0)
  const result = await collection.compute({
    get: client.get,
    onProgress: ({ done, total }) => {
      bar.setTotal(total)
      bar.update(done)
    },
  })
  bar.stop()
  return result
}

// Records: every row group of the file is a partition, read by the task that uses it.
const flights = db
  .range(rowGroups, { npartitions: rowGroups })
  .map((rowGroup) => readFlights(flightsFile, rowGroup))
  .flatten()
const airports = db.readText(dataFile('airports.csv')).map(parseAirport)

console.log('The ten airports whose flights are latest')
console.table(await run('By airport', latestAirports(flights, airports, 5000)))

const byHour = delaysByHour(flights)
const hours = await run('By hour', byHour)
console.log('Delay by hour of departure')
console.table([...hours].sort((a, b) => a.hour - b.hour))

// Numbers: the same flights, as two arrays of twelve chunks each.
const delay = da.fromArray(readColumn(flightsFile, 'delay'), { chunks: 250_000 })
const distance = da.fromArray(readColumn(flightsFile, 'distance'), { chunks: 250_000 })
const r = await run('Correlation', correlation(delay, distance))
console.log(`Correlation of delay and distance: ${r.toFixed(4)}\n`)

const edges = [-60, -45, -30, -15, 0, 15, 30, 45, 60, 75, 90, 105, 120]
const [histogram] = da.histogram(delay, { bins: edges })
const counts = Array.from((await run('Histogram', histogram)).data, Number)
console.log('Flights by delay in minutes')
for (const [i, count] of counts.entries()) {
  const bar = '#'.repeat(Math.round((count / Math.max(...counts)) * 50))
  console.log(
    `${String(edges[i]).padStart(4)} to ${String(edges[i + 1]).padStart(4)}  ${bar} ${count}`,
  )
}

// Stores the lazy table by name: another program can compute it without having this code.
await client.setCollection('delays-by-hour', byHour)
const second = fileURLToPath(new URL('second-client.mjs', import.meta.url))
const address = cluster.scheduler.addressToClients
const { stdout } = await promisify(execFile)(process.execPath, [second, address, 'delays-by-hour'])
const theirs = JSON.parse(stdout)
const ours = await byHour.compute({ get: getSync })
const agree = isDeepStrictEqual(theirs, ours) && isDeepStrictEqual(hours, ours)
console.log(`\nA second client read 'delays-by-hour': ${theirs.length} rows`)
console.log(`getSync, in this thread alone: ${agree ? 'the same rows' : 'OTHER ROWS'}`)

await client.close()
await cluster.close()
if (!agree) process.exitCode = 1
