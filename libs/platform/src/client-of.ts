import type { Caller } from '@eoffice/contracts/language/caller';
import { type Contract, type Handlers, subjectOf } from '@eoffice/contracts/language/contract';
import type { Services } from './services.js';

/** Calls a contract as if its service were here: `clientOf(incoming, services).find({ id }, caller)`. */
export function clientOf<C extends Contract>(contract: C, services: Services): Handlers<C> {
  const client: Record<string, unknown> = {};
  for (const [name, { timeoutMs }] of Object.entries(contract.operations)) {
    client[name] = (input: object, caller: Caller) =>
      services.ask(subjectOf(contract, name), input, caller, timeoutMs);
  }
  return client as Handlers<C>;
}
