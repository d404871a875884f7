/** Values that JSON can say. */
export type Json = string | number | boolean | null | undefined | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Whether a value is an object of JSON: no array, and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper than any request needs to be; what walks values may then call itself. */
export const maxDepth = 64;

/** Whether a value is no deeper than `maxDepth` and its texts are Unicode (I-JSON, RFC 7493, 2.1). */
export function isWellFormed(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= maxDepth) return false;
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return (
    names.every((name) => name.isWellFormed()) &&
    Object.values(value).every((each) => isWellFormed(each, depth + 1))
  );
}

/** Whether two values of JSON say the same; the order of an object's members says nothing. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other)) return false;
    return one.length === other.length && one.every((each, at) => isSame(each, other[at]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  );
}
