/**
 * Answers libzmq's questions which keys may connect, by its protocol ZAP (https://rfc.zeromq.org/spec/27). A process has one
 * place for the answers, which all of its sockets ask: the domain of a question names the socket.
 */
import { keyOfBytes } from '../base/curve-keys.js'

/** The frames of a question: the version, its number, the domain, an address, an identity, the mechanism and the key. */
export type Question = readonly Uint8Array[]

/** The place for the answers. */
interface AnswerPlace {
  close(): void
}

type OpenPlace = (answer: (question: Question) => Uint8Array[]) => Promise<AnswerPlace>

export class Authenticator {
  private readonly plainDomain: string
  private readonly openPlace: OpenPlace
  private readonly checks = new Map<string, (publicKey: string) => boolean>()
  private place: Promise<AnswerPlace> | undefined
  /** Fulfilled when the last place is closed. */
  private closed: Promise<void> = Promise.resolve()
  private next = 0

  /** In `plainDomain` everyone may connect without keys. */
  constructor(plainDomain: string, openPlace: OpenPlace) {
    this.plainDomain = plainDomain
    this.openPlace = openPlace
  }

  /** Returns a new domain, in which the keys may connect that pass a check, and a function that ends it. */
  async open(
    isAllowed: (publicKey: string) => boolean,
  ): Promise<{ readonly domain: string; readonly release: () => void }> {
    const domain = `${this.plainDomain}-${this.next++}`
    this.checks.set(domain, isAllowed)
    this.place ??= this.closed.then(() => this.openPlace((question) => this.answer(question)))
    try {
      await this.place
    } catch (error) {
      this.checks.delete(domain)
      this.place = undefined
      throw error
    }
    return { domain, release: () => this.release(domain) }
  }

  /** Without checks the place is closed, so that other parts of the process can use it. */
  private release(domain: string): void {
    this.checks.delete(domain)
    if (this.checks.size > 0 || this.place === undefined) return
    this.closed = this.place.then((place) => place.close())
    this.place = undefined
  }

  private answer([version, number, domain, , , mechanism, key]: Question): Uint8Array[] {
    const isAllowed = this.isAllowed(text(domain), text(mechanism), key)
    const [status, reason] = isAllowed ? ['200', 'OK'] : ['400', 'the key is not accepted']
    const user = isAllowed && key !== undefined ? keyOfBytes(key) : ''
    return [version!, number!, ...[status, reason, user, ''].map((part) => Buffer.from(part))]
  }

  private isAllowed(domain: string, mechanism: string, key: Uint8Array | undefined): boolean {
    if (mechanism === 'NULL') return domain === this.plainDomain
    if (mechanism !== 'CURVE' || key?.byteLength !== 32) return false
    return this.checks.get(domain)?.(keyOfBytes(key)) === true
  }
}

function text(frame: Uint8Array | undefined): string {
  return frame === undefined ? '' : Buffer.from(frame).toString('latin1')
}
