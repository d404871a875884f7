import type { JsonObject } from '@eoffice/jmap/json';

/** The properties of an object that were asked for. */
export function picked(
  object: JsonObject & { id: string },
  properties: ReadonlySet<string>,
): JsonObject & { id: string } {
  const wanted = Object.entries(object).filter(([name]) => properties.has(name));
  return Object.fromEntries(wanted) as JsonObject & { id: string };
}
