/**
 * Decides about newcomers with the name of a connected peer. That peer may have died, and the newcomer be its
 * replacement, so the newcomer is not answered until the peer is gone, or was heard long enough after the
 * newcomer to be alive.
 */

/** Milliseconds for which messages of a peer that has died may still arrive. */
const messagesArriveFor = 2000
/** Milliseconds after which a newcomer is forgotten that does not repeat its hello. */
const forgottenAfter = 60_000

interface Newcomer {
  readonly since: number
  lastHello: number
}

export class NameConflicts {
  /** By the nonces of their hellos. */
  private readonly newcomers = new Map<string, Newcomer>()

  /** Says what to do with a newcomer; `lastHeard` is when the peer of its name was last heard. */
  decide(nonce: string, lastHeard: number, now: number): 'wait' | 'refuse' {
    for (const [other, { lastHello }] of this.newcomers)
      if (now - lastHello > forgottenAfter) this.newcomers.delete(other)
    let newcomer = this.newcomers.get(nonce)
    if (newcomer === undefined)
      this.newcomers.set(nonce, (newcomer = { since: now, lastHello: now }))
    newcomer.lastHello = now
    if (lastHeard - newcomer.since < messagesArriveFor) return 'wait'
    this.newcomers.delete(nonce)
    return 'refuse'
  }
}
