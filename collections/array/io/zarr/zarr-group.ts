/**
 * Groups of Zarr arrays: what is in them, from their consolidated metadata or, where files can be listed, by looking.
 */
import { inGroups, type KeyStore, storeKey } from './key-store.js'
import { placeName, readJsonObject, ZarrArray } from './zarr-array.js'
import { parseVersion2, parseVersion3, type ZarrMetadata } from './zarr-metadata.js'
import { openStore, type SentLocation } from './zarr-store.js'

type Json = Readonly<Record<string, unknown>>

/** The content of files of metadata by their keys, which begin at the group. */
type MetadataFiles = ReadonlyMap<string, Json>

/** A group: its attributes, and the arrays in it and in the groups below. */
export interface ZarrGroup {
  /** The version of the format. */
  readonly version: 2 | 3
  /** The attributes of the group. */
  readonly attributes: Readonly<Record<string, unknown>>
  /** The arrays by their paths in the group, such as `weather/temperature`. */
  readonly arrays: Readonly<Record<string, ZarrArray>>
}

/** The names of files of metadata. */
const NAMES = ['zarr.json', '.zarray', '.zgroup', '.zattrs']

/**
 * Opens a group.
 * @throws RangeError if there is none, or if what is in it cannot be found out.
 */
export async function openGroup(location: SentLocation, component: string): Promise<ZarrGroup> {
  const store = openStore(location)
  const { version, attributes, consolidated } = await readRoot(store, location, component)
  const files = consolidated ?? (await listFiles(store, location, component))
  const arrays: [string, ZarrArray][] = []
  for (const [key, json] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const end = key.lastIndexOf('/')
    const path = key.slice(0, Math.max(0, end))
    const whole = storeKey(component, path)
    const attributes = files.get(storeKey(path, '.zattrs')) ?? {}
    const metadata = arrayMetadata(key.slice(end + 1), json, attributes, placeName(location, whole))
    if (metadata !== undefined)
      arrays.push([path, new ZarrArray({ location, component: whole, metadata })])
  }
  return { version, attributes, arrays: Object.fromEntries(arrays) }
}

function arrayMetadata(
  name: string,
  json: Json,
  attributes: Json,
  where: string,
): ZarrMetadata | undefined {
  if (name === '.zarray') return parseVersion2(json, attributes, where)
  return name === 'zarr.json' && json.node_type === 'array' ? parseVersion3(json, where) : undefined
}

interface GroupRoot {
  readonly version: 2 | 3
  readonly attributes: Json
  /** The consolidated metadata of all that is below the group, if there is any. */
  readonly consolidated: MetadataFiles | undefined
}

async function readRoot(
  store: KeyStore,
  location: SentLocation,
  component: string,
): Promise<GroupRoot> {
  const version3 = await readJsonObject(store, storeKey(component, 'zarr.json'))
  if (version3?.node_type === 'group') {
    const { attributes = {}, consolidated_metadata: inline } = version3
    const nodes = (inline as { metadata?: Readonly<Record<string, Json>> } | undefined)?.metadata
    const files = Object.entries(nodes ?? {}).map(
      ([path, json]) => [`${path}/zarr.json`, json] as const,
    )
    const consolidated = nodes === undefined ? undefined : new Map(files)
    return { version: 3, attributes: attributes as Json, consolidated }
  }
  if ((await readJsonObject(store, storeKey(component, '.zgroup'))) === undefined) {
    const name = placeName(location, component)
    throw new RangeError(`${name.replace('array', 'group')} does not exist`)
  }
  const attributes = (await readJsonObject(store, storeKey(component, '.zattrs'))) ?? {}
  const all = await readJsonObject(store, storeKey(component, '.zmetadata'))
  const files = all?.metadata as Readonly<Record<string, Json>> | undefined
  const consolidated = files === undefined ? undefined : new Map(Object.entries(files))
  return { version: 2, attributes, consolidated }
}

/** Returns the files of metadata below a group. */
async function listFiles(
  store: KeyStore,
  location: SentLocation,
  component: string,
): Promise<MetadataFiles> {
  if (store.list === undefined) {
    const name = placeName(location, component).replace('array', 'group')
    throw new RangeError(
      `${name} has no consolidated metadata, so what is in it cannot be found out; open its arrays by their paths with { component }`,
    )
  }
  const files = new Map<string, Json>()
  let level = ['']
  while (level.length > 0) {
    const next: string[] = []
    await inGroups(level, async (path) => {
      const found = await store.list!(storeKey(component, path))
      const names = NAMES.filter((name) => found.files.includes(name))
      await inGroups(names, async (name) => {
        const json = await readJsonObject(store, storeKey(component, path, name))
        if (json !== undefined) files.set(storeKey(path, name), json)
      })
      // What is below an array is chunks.
      const isArray =
        names.includes('.zarray') || files.get(storeKey(path, 'zarr.json'))?.node_type === 'array'
      if (!isArray) next.push(...found.folders.map((folder) => storeKey(path, folder)))
    })
    level = next
  }
  return files
}

/** Writes the metadata of all that is below a group to the group. */
export async function consolidateGroup(location: SentLocation, component: string): Promise<void> {
  const store = openStore(location)
  const { version } = await readRoot(store, location, component)
  const files = await listFiles(store, location, component)
  const write = (name: string, content: unknown) =>
    store.set(storeKey(component, name), Buffer.from(JSON.stringify(content, undefined, 2)))
  if (version === 2) {
    const metadata = Object.fromEntries(files)
    await write('.zmetadata', { zarr_consolidated_format: 1, metadata })
    return
  }
  const { consolidated_metadata: _, ...root } = files.get('zarr.json')!
  const below = [...files].filter(([key]) => key.endsWith('/zarr.json'))
  const metadata = Object.fromEntries(below.map(([key, json]) => [key.slice(0, -10), json]))
  const inline = { kind: 'inline', must_understand: false, metadata }
  await write('zarr.json', { ...root, consolidated_metadata: inline })
}
