/**
 * A function that stands for a bound one which holds itself, as what a constructor makes of
 * `this.go = this.go.bind(this)`: the object must be there before the function, and has it as a member.
 */
export class StandIn {
  readonly fn: Function
  private real: Function | undefined

  constructor() {
    const give = (args: unknown[], target: Function | undefined): unknown =>
      target === undefined
        ? Reflect.apply(this.real!, undefined, args)
        : Reflect.construct(this.real!, args)
    const call = function (...args: unknown[]): unknown {
      return give(args, new.target)
    }
    // What is bound has no prototype, as the function that it stands for.
    this.fn = call.bind(undefined)
  }

  /** Gives the function what it stands for; gives the function. */
  become(real: Function): Function {
    this.real = real
    for (const key of ['name', 'length'])
      Object.defineProperty(this.fn, key, Object.getOwnPropertyDescriptor(real, key)!)
    return this.fn
  }
}
