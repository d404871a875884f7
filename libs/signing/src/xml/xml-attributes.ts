import type { C14nMethod } from './c14n.js';
import type { Budget } from './limits.js';
import type { NodeSet } from './node-set.js';
import { attributeOf, xmlNamespace, type XmlElement, type XmlParent } from './tree.js';

/** An attribute `xml:…` to show on an element; without a value it is not to be shown. */
export interface Inherited {
  localName: string;
  value?: string;
}

/**
 * What an element whose parent is left out takes over from its ancestors (canonical XML 1.0
 * section 2.4; 1.1 narrows it to xml:lang and xml:space and mends xml:base).
 */
export function inheritedAttributes(
  element: XmlElement,
  set: NodeSet,
  method: C14nMethod,
  budget: Budget,
): Inherited[] {
  const own = new Set<string>();
  const inherited = new Map<string, string>();
  for (const { namespace, localName } of element.attributes) {
    if (namespace === xmlNamespace) own.add(localName);
  }
  const simple = method === 'inclusive-1.1' ? ['lang', 'space'] : undefined;
  for (let at: XmlParent = element.parent; at.kind === 'element'; at = at.parent) {
    // In 1.1 an ancestor in the output is not repeated: what it says is still in scope there. The
    // text of the recommendation can be read otherwise; the implementations agree on this.
    if (simple && set.has(at)) break;
    budget.spend(100 * (1 + at.attributes.length));
    for (const { namespace, localName, value } of at.attributes) {
      if (namespace !== xmlNamespace || own.has(localName) || inherited.has(localName)) continue;
      if (!simple || simple.includes(localName)) inherited.set(localName, value);
    }
  }
  const all: Inherited[] = [...inherited].map(([localName, value]) => ({ localName, value }));
  const base = method === 'inclusive-1.1' ? mendedBase(element, set, budget) : undefined;
  if (base !== undefined) all.push({ localName: 'base', value: base === '' ? undefined : base });
  return all;
}

/** The xml:base of an element joined with those of the ancestors left out just above it. */
function mendedBase(element: XmlElement, set: NodeSet, budget: Budget): string | undefined {
  const own = attributeOf(element, 'base', xmlNamespace);
  let joined = own;
  let omitted = false;
  for (let at: XmlParent = element.parent; at.kind === 'element' && !set.has(at); at = at.parent) {
    const base = attributeOf(at, 'base', xmlNamespace);
    budget.spend(100 + 20 * (base?.length ?? 0));
    if (base === undefined) continue;
    omitted = true;
    joined = joined === undefined ? base : joinUriReferences(base, joined);
  }
  return omitted ? joined : undefined;
}

interface UriParts {
  scheme?: string;
  authority?: string;
  path: string;
  query?: string;
}

/** RFC 3986 appendix B; the fragment is left out. */
function partsOf(uri: string): UriParts {
  const found = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/.exec(uri)!;
  return { scheme: found[1], authority: found[2], path: found[3]!, query: found[4] };
}

/** The function join-URI-References of canonical XML 1.1 section 2.4: a base may be relative. */
export function joinUriReferences(base: string, reference: string): string {
  const b = partsOf(base);
  const r = partsOf(reference);
  const t: UriParts = { path: '' };
  if (r.scheme !== undefined) {
    Object.assign(t, r, { path: withoutDots(r.path) });
  } else if (r.authority !== undefined) {
    Object.assign(t, r, { path: withoutDots(r.path), scheme: b.scheme });
  } else {
    t.scheme = b.scheme;
    t.authority = b.authority;
    t.query = r.query;
    if (r.path === '') {
      t.path = withoutDots(b.path);
      t.query = r.query ?? b.query;
    } else {
      t.path = withoutDots(r.path.startsWith('/') ? r.path : merged(b, r.path));
    }
  }
  return (
    (t.scheme === undefined ? '' : `${t.scheme}:`) +
    (t.authority === undefined ? '' : `//${t.authority}`) +
    t.path +
    (t.query === undefined ? '' : `?${t.query}`)
  );
}

function merged(base: UriParts, path: string): string {
  const from = withSlashBehindDots(base.path);
  if (base.authority !== undefined && from === '') return `/${path}`;
  return from.slice(0, from.lastIndexOf('/') + 1) + path;
}

function withSlashBehindDots(path: string): string {
  return /(^|\/)\.\.?$/.test(path) ? `${path}/` : path;
}

/** RFC 3986 section 5.2.4, but leading `..` segments stay and runs of slashes become one. */
function withoutDots(path: string): string {
  const rooted = path.startsWith('/');
  const kept: string[] = [];
  const segments = withSlashBehindDots(path)
    .replace(/\/{2,}/g, '/')
    .split('/');
  if (rooted) segments.shift();
  for (const segment of segments) {
    if (segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push('..');
  }
  return (rooted ? '/' : '') + kept.join('/');
}
