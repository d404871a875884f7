import { SetError } from './errors.js';
import { isObject, type Json, type JsonObject } from './json.js';

/** More than any record has members worth patching one by one. */
const maxEntries = 1_000;

const invalid = (why: string) => new SetError('invalidPatch', why);

/**
 * A record with a PatchObject applied (RFC 8620, 5.3): each name is a pointer without its first
 * slash; null takes a member away, or sets what stands in `defaults`. Throws SetError `invalidPatch`;
 * the record itself is never changed.
 */
export function applyPatch(
  record: JsonObject,
  patch: JsonObject,
  defaults: JsonObject = {},
): JsonObject {
  const paths = Object.keys(patch).map(tokensOf);
  if (paths.length > maxEntries) throw invalid(`more than ${maxEntries} entries`);
  for (const path of paths) {
    if (paths.some((other) => other !== path && isPrefix(path, other))) {
      throw invalid(`${path.join('/')} is patched as a whole and in part`);
    }
  }
  return Object.values(patch).reduce<JsonObject>(
    (patched, value, at) => {
      const [name, ...rest] = paths[at]! as [string, ...string[]];
      const isReset = rest.length === 0 && value === null && Object.hasOwn(defaults, name);
      return replace(patched, paths[at]!, isReset ? defaults[name] : value);
    },
    { ...record },
  );
}

function tokensOf(pointer: string): string[] {
  if (/~(?![01])/.test(pointer)) throw invalid(`${pointer} is no pointer`);
  const tokens = pointer.split('/');
  if (tokens.length > 64) throw invalid('a path is too deep');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const isPrefix = (short: string[], long: string[]) =>
  short.length <= long.length && short.every((token, at) => token === long[at]);

/** A copy with one member replaced. Names may be `__proto__`: members are defined, never assigned. */
function replace(target: JsonObject, [name, ...rest]: string[], value: Json): JsonObject {
  const others = Object.entries(target).filter(([other]) => other !== name);
  const before = Object.hasOwn(target, name!) ? target[name!] : undefined;
  if (rest.length > 0 && !isObject(before)) throw invalid(`${name} is not an object`);
  const after = rest.length > 0 ? replace(before as JsonObject, rest, value) : value;
  return Object.fromEntries(after === null ? others : [...others, [name!, after]]);
}
