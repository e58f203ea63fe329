/** Keys, proofs and their files, checked against those of libzmq. */
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { curveKeyPair } from 'zeromq'
import {
  bytesOfKey,
  isKey,
  isProof,
  keyOfBytes,
  newKeyPair,
  proveKey,
  publicKeyOf,
} from '../../../distributed/base/curve-keys.js'
import { parseAllowedKeys, withKey } from '../../../distributed/security/allowed-keys.js'
import {
  keyFile,
  readAllowed,
  readKeys,
  readPeerKeys,
  writeAllowed,
  writeKeys,
} from '../../../distributed/security/key-files.js'
import { readKeysOfPeer, readSchedulerKeys } from '../../../distributed/security/read-security.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('keys', () => {
  test("are those of libzmq: its pairs are pairs of ours, and texts are Z85's", () => {
    for (let i = 0; i < 20; i++) {
      const { publicKey, secretKey } = curveKeyPair()
      expect(publicKeyOf(secretKey)).toBe(publicKey)
      expect(keyOfBytes(bytesOfKey(publicKey)!)).toBe(publicKey)
    }
    // The test vector of https://rfc.zeromq.org/spec/32, repeated to the length of a key.
    const bytes = Buffer.from('864fd26fb559f75b'.repeat(4), 'hex')
    expect(keyOfBytes(bytes)).toBe('HelloWorld'.repeat(4))
  })

  test('wrong ones', () => {
    for (const wrong of ['', 'x'.repeat(39), `${'x'.repeat(39)}"`, '#'.repeat(40), undefined, 5])
      expect(isKey(wrong)).toBe(false)
  })

  test('new ones are different, and do not look like options of a command', () => {
    const made = Array.from({ length: 100 }, () => newKeyPair())
    expect(new Set(made.map(({ publicKey }) => publicKey)).size).toBe(100)
    for (const { publicKey, secretKey } of made) {
      expect(publicKeyOf(secretKey)).toBe(publicKey)
      expect(publicKey).not.toMatch(/^-/)
    }
  })
})

test('a proof is of the owner of a key, to one scheduler, for one session', () => {
  const [alice, bob, scheduler, other] = [newKeyPair(), newKeyPair(), newKeyPair(), newKeyPair()]
  const proof = proveKey(alice, scheduler.publicKey, 'nonce')
  const claim = { own: scheduler, publicKey: alice.publicKey, nonce: 'nonce' }
  expect(isProof(proof, claim)).toBe(true)
  expect(isProof(proof, { ...claim, publicKey: bob.publicKey })).toBe(false)
  expect(isProof(proof, { ...claim, nonce: 'another' })).toBe(false)
  expect(isProof(proof, { ...claim, own: other })).toBe(false)
  expect(
    isProof(proveKey({ ...bob, publicKey: alice.publicKey }, scheduler.publicKey, 'nonce'), claim),
  ).toBe(false)
  expect(isProof('', claim)).toBe(false)
  expect(isProof(proof, { ...claim, publicKey: 'x' })).toBe(false)
})

describe('files', () => {
  const [scheduler, alice] = [newKeyPair(), newKeyPair()]

  test('can be read by their owner only, and are not overwritten', () => {
    const before = process.umask(0)
    const file = writeKeys(join(folder, 'a'), 'scheduler', scheduler)
    process.umask(before)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700)
    expect(readKeys(file)).toEqual(scheduler)
    expect(() => writeKeys(join(folder, 'a'), 'scheduler', alice)).toThrow('EEXIST')
    chmodSync(file, 0o644)
    expect(() => readKeys(file)).toThrow('can be read by others (mode 644)')
    chmodSync(file, 0o600)
  })

  test('that are wrong are refused, without their secrets', () => {
    const write = (content: unknown) => {
      const file = join(folder, 'wrong.key')
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), {
        mode: 0o600,
      })
      return () => readKeys(file)
    }
    expect(write('{')).toThrow('is no file of keys')
    expect(write(null)).toThrow('the publicKey of')
    expect(write({ ...alice, secretKey: scheduler.secretKey })).toThrow(
      'does not belong to its secretKey',
    )
    expect(write({ ...alice, secretKey: 'hidden' })).toThrow(
      /^((?!hidden).)*not 40 characters of Z85$/,
    )
    expect(write({ ...alice, serverKey: 'x' })).toThrow('the serverKey of')
    expect(() => readPeerKeys(join(folder, 'a', 'scheduler.key'))).toThrow('has no serverKey')
    expect(() => keyFile(folder, '../x')).toThrow('is no name of a key')
  })

  test('the list of accepted keys', () => {
    expect(readAllowed(folder)).toEqual([])
    const { publicKey } = alice
    const one = withKey([], { name: 'alice', publicKey, role: 'worker' })
    const both = withKey(one, { name: 'alice', publicKey, role: 'client' })
    expect(both).toEqual([{ name: 'alice', publicKey, roles: ['client', 'worker'] }])
    const replaced = withKey(both, {
      name: 'alice',
      publicKey: scheduler.publicKey,
      role: 'client',
    })
    expect(replaced).toEqual([{ name: 'alice', publicKey: scheduler.publicKey, roles: ['client'] }])
    writeAllowed(folder, both)
    expect(readAllowed(folder)).toEqual(both)
    expect(statSync(join(folder, 'allowed.json')).mode & 0o777).toBe(0o600)
    expect(() => parseAllowedKeys('{}')).toThrow('a list of keys is expected')
    expect(() => parseAllowedKeys('[{"name":"x"}]')).toThrow(
      'the entry "x" has no name or no valid publicKey',
    )
    expect(() =>
      parseAllowedKeys(JSON.stringify([{ name: 'x', publicKey, roles: ['king'] }])),
    ).toThrow("the roles of 'x' must be some of client and worker")
  })

  test('options', () => {
    writeKeys(join(folder, 'a'), 'client', { ...alice, serverKey: scheduler.publicKey })
    const expected = { ...alice, serverKey: scheduler.publicKey }
    for (const keys of [join(folder, 'a'), join(folder, 'a', 'client.key'), expected])
      expect(readKeysOfPeer(keys, 'client', 'Client.connect')).toEqual(expected)
    expect(readKeysOfPeer(null, 'client', 'Client.connect')).toBe(undefined)
    expect(() => readKeysOfPeer(join(folder, 'a'), 'worker', 'Worker.start')).toThrow(
      'has no worker.key',
    )
    expect(() => readKeysOfPeer(join(folder, 'none'), 'client', 'Client.connect')).toThrow(
      'there are no keys at',
    )
    expect(() => readKeysOfPeer({ ...alice }, 'client', 'Client.connect')).toThrow('keys.serverKey')
    expect(() => readKeysOfPeer(5, 'client', 'Client.connect')).toThrow('got 5')
    expect(readSchedulerKeys(join(folder, 'a'), 'Scheduler.start')?.pair).toEqual(scheduler)
    expect(() => readSchedulerKeys(folder, 'Scheduler.start')).toThrow('skein keys new scheduler')
    expect(() => readSchedulerKeys({}, 'Scheduler.start')).toThrow('keys is a folder')
  })
})
