/** The command `skein keys`: makes key pairs, and lists those that a scheduler accepts. Secret keys are never printed. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import { isKey, newKeyPair } from '../base/curve-keys.js'
import { type AllowedKey, type Role, roles, withKey } from '../security/allowed-keys.js'
import {
  keyFile,
  keyNames,
  readAllowed,
  readKeys,
  schedulerName,
  writeAllowed,
  writeKeys,
} from '../security/key-files.js'

interface KeysArguments {
  readonly keys?: string
  readonly role?: Role
}

const helpText = `A running scheduler takes changes of the list within a second.

Example:
  skein keys new scheduler              keys/scheduler.key
  skein keys new alice --role client    keys/alice.key, and alice is accepted
  skein keys new worker --role worker
  skein scheduler --keys keys --host 10.0.0.5`

/** Adds the command to the program. `print` shows a line. */
export function addKeysCommand(program: Command, print: (line: string) => void): void {
  const keys = program
    .command('keys')
    .description('make keys, and say which of them a scheduler accepts')
    .addHelpText('after', `\n${helpText}`)
  const folderOption = () =>
    new Option('--keys <folder>', 'the folder with the keys (default: SKEIN_KEYS, or ./keys)')
  const roleOption = () =>
    new Option('--role <role>', 'what the owner of the key may be').choices([...roles])

  keys
    .command('new')
    .description(
      `make a key pair in a file; '${schedulerName}' is the scheduler's. With --role the scheduler accepts it`,
    )
    .argument('<name>', 'name of the pair')
    .addOption(folderOption())
    .addOption(roleOption())
    .action((name: string, options: KeysArguments) => makePair(name, options, print))

  keys
    .command('allow')
    .description('let the scheduler accept a key')
    .argument('<name>', 'name of a pair in the folder, or a new name for the public key')
    .argument('[public-key]', 'the public key of a pair that was made elsewhere')
    .addOption(folderOption())
    .addOption(roleOption().makeOptionMandatory())
    .action((name: string, key: string | undefined, options: KeysArguments) => {
      const folder = folderOf(options)
      const publicKey = key ?? readKeys(existing(folder, name)).publicKey
      if (!isKey(publicKey)) throw new TypeError(`'${publicKey}' is not 40 characters of Z85`)
      writeAllowed(folder, withKey(readAllowed(folder), { name, publicKey, role: options.role! }))
      print(`${name} is accepted as a ${options.role}: ${publicKey}`)
    })

  keys
    .command('list')
    .description('list the pairs of the folder, and the keys that the scheduler accepts')
    .addOption(folderOption())
    .action((options: KeysArguments) => {
      for (const line of listKeys(folderOf(options))) print(line)
    })

  keys
    .command('revoke')
    .description('do not accept a key any more; a running scheduler ends its connections')
    .argument('<name>', 'name or public key')
    .addOption(folderOption())
    .action((name: string, options: KeysArguments) => {
      const folder = folderOf(options)
      const known = readAllowed(folder)
      const left = known.filter((key) => key.name !== name && key.publicKey !== name)
      if (left.length === known.length)
        throw new RangeError(
          `no key '${name}' is accepted; those that are: ${known.map((key) => key.name).join(', ') || 'none'}`,
        )
      writeAllowed(folder, left)
      print(`${name} is not accepted any more`)
    })
}

function makePair(
  name: string,
  { role, ...options }: KeysArguments,
  print: (line: string) => void,
): void {
  const folder = folderOf(options)
  const file = keyFile(folder, name)
  if (existsSync(file))
    throw new RangeError(`'${file}' exists already; delete it first, or use another name`)
  const pair = newKeyPair()
  if (name === schedulerName) {
    if (role !== undefined) throw new RangeError(`'${schedulerName}' has no role`)
    print(`Made ${writeKeys(folder, name, pair)}, with the public key ${pair.publicKey}`)
    return
  }
  const scheduler = keyFile(folder, schedulerName)
  if (!existsSync(scheduler))
    throw new RangeError(
      `there is no '${scheduler}', whose public key others need; first run: skein keys new ${schedulerName}`,
    )
  const { publicKey: serverKey } = readKeys(scheduler)
  const written = writeKeys(folder, name, { ...pair, serverKey })
  print(`Made ${written}, with the public key ${pair.publicKey}`)
  if (role === undefined) return
  writeAllowed(folder, withKey(readAllowed(folder), { name, publicKey: pair.publicKey, role }))
  print(`${name} is accepted as a ${role}`)
}

function existing(folder: string, name: string): string {
  const file = keyFile(folder, name)
  if (existsSync(file)) return file
  throw new RangeError(`there is no '${file}'; give the public key after the name`)
}

function listKeys(folder: string): string[] {
  if (!existsSync(folder)) throw new RangeError(`there is no folder '${folder}'`)
  const accepted = readAllowed(folder)
  const rows = [
    ...accepted,
    ...keyNames(folder)
      .filter((name) => !accepted.some((key) => key.name === name))
      .map((name): AllowedKey => {
        const { publicKey } = readKeys(keyFile(folder, name))
        return { name, publicKey, roles: [] }
      }),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
  const width = Math.max(4, ...rows.map(({ name }) => name.length))
  const describe = ({ name, roles: given }: AllowedKey) =>
    name === schedulerName ? 'the scheduler' : given.join(', ') || 'not accepted'
  return [
    `${'name'.padEnd(width)}  ${'public key'.padEnd(40)}  accepted as`,
    ...rows.map((row) => `${row.name.padEnd(width)}  ${row.publicKey}  ${describe(row)}`),
  ]
}

function folderOf({ keys }: KeysArguments): string {
  return path.resolve(keys ?? (process.env.SKEIN_KEYS || 'keys'))
}
