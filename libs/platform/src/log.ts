import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Lines are written together, at the latest after this; a line of its own costs as much as a query. */
const gatheredMs = 100;

/** Structured logs: one JSON line each, on standard output, with UTC time. */
export function createLog(service: string, level: string, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['token', 'password', '*.token', '*.password'],
    },
    destination ?? pino.destination({ minLength: 8_192, periodicFlush: gatheredMs, sync: false }),
  );
}

/** Lets Nest write its own messages to the same log; its start-up chatter only when debugging. */
export function nestLogger(log: Log): LoggerService {
  const text = (parts: unknown[]) => parts.filter((part) => typeof part === 'string').join(' ');
  return {
    log: (message: unknown, ...rest: unknown[]) => log.debug(text([message, ...rest])),
    debug: (message: unknown, ...rest: unknown[]) => log.debug(text([message, ...rest])),
    verbose: (message: unknown, ...rest: unknown[]) => log.debug(text([message, ...rest])),
    warn: (message: unknown, ...rest: unknown[]) => log.warn(text([message, ...rest])),
    error: (message: unknown, ...rest: unknown[]) =>
      message instanceof Error ? log.error(message) : log.error(text([message, ...rest])),
    fatal: (message: unknown, ...rest: unknown[]) => log.fatal(text([message, ...rest])),
  };
}
