import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  type Class,
  type Contract,
  type Handlers,
  subjectOf,
} from '@eoffice/contracts/language/contract';
import type { Msg } from '@nats-io/transport-node';
import { Requests } from './requests.js';

const served = new WeakMap<object, Contract>();

/** Serves a contract: each method answers the operation of the same name, or it does not compile. */
export function Serves<C extends Contract>(contract: C) {
  return <S extends Handlers<C>>(service: Class<S>) => {
    const { prototype } = service;
    Inject(Requests)(prototype, 'receivedBy');
    for (const name of Object.keys(contract.operations)) {
      const receiver = `receive ${name}`;
      const receive = function (this: S & { receivedBy: Requests }, message: Msg) {
        return this.receivedBy.answer(
          contract,
          name,
          (input, caller) => this[name]!(input as never, caller),
          message,
        );
      };
      Object.defineProperty(prototype, receiver, {
        value: receive,
        writable: true,
        configurable: true,
      });
      MessagePattern(subjectOf(contract, name))(prototype, receiver, { value: receive });
    }
    served.set(service, contract);
    Controller()(service);
  };
}

/** The contract a class serves. */
export function contractServedBy(service: object): Contract | undefined {
  return served.get(service);
}
