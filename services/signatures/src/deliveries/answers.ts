import {
  type Actor,
  certificateAccepted,
  certificateRejected,
  deviceDelivered,
  deviceReady,
  Invalid,
  type LineAnswer,
  type LineState,
  NotFound,
  OutOfOrder,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { keepSteps } from '../life/steps.js';
import type { CertificateRequest } from '../requests/certificate-request.js';
import { RequestLine } from '../requests/request-line.js';

/** On whose account, and how a step is announced. */
export interface Recording {
  actor: Actor;
  emit: Emit;
}

/** Takes the provider's answer to one line of a request. Throws NotFound, Invalid or OutOfOrder. */
export async function takeAnswer(
  manager: EntityManager,
  request: CertificateRequest,
  { lineId, outcome, ...answer }: LineAnswer,
  { actor, emit }: Recording,
) {
  const line = await lineOf(manager, request, lineId);
  const taken = line.answer(outcome, answer);
  await manager.save(line);
  await keepLineSteps(manager, line, taken, actor);
  announce(request, line, taken, emit);
}

/** A line of a request that was sent. Throws NotFound or OutOfOrder. */
export async function lineOf(
  manager: EntityManager,
  request: CertificateRequest,
  id: string,
): Promise<RequestLine> {
  if (request.state !== 'sent')
    throw new OutOfOrder({ vi: 'Đề nghị chưa gửi', en: 'The request was not sent yet' });
  const line = await manager.findOneBy(RequestLine, { id, requestId: request.id });
  if (line) return line;
  throw new NotFound({ vi: 'Không có dòng đề nghị này', en: 'There is no such line' });
}

export function keepLineSteps(
  manager: EntityManager,
  { id, certificateId, reason, deviceSerial }: RequestLine,
  taken: LineState[],
  actor: Actor,
) {
  const steps = taken.map((kind) => ({
    ...{ kind, lineId: id, certificateId },
    reason: kind === 'device_ready' || kind === 'delivered' ? deviceSerial : reason,
  }));
  return keepSteps(manager, steps, actor);
}

/** Announces each step of a line that others may wait for. */
export function announce(
  { id: requestId, agencyId }: CertificateRequest,
  { id: lineId }: RequestLine,
  taken: LineState[],
  emit: Emit,
) {
  const fact = { lineId, requestId, agencyId };
  for (const state of taken) {
    if (state === 'accepted') emit(certificateAccepted, lineId, fact);
    if (state === 'rejected') emit(certificateRejected, lineId, fact);
    if (state === 'device_ready') emit(deviceReady, lineId, fact);
    if (state === 'delivered') emit(deviceDelivered, lineId, fact);
  }
}

/** The same fault, pointing at the line of the input it is about. */
export function pointedAt(error: unknown, pointer: string): unknown {
  if (!(error instanceof Invalid)) return error;
  const errors = error.errors ?? [];
  return new Invalid(errors.map((each) => ({ ...each, pointer: `${pointer}${each.pointer}` })));
}
