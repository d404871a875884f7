import type { XmlLimits } from '../limits.js';
import { Budget } from '../limits.js';
import { NodeSet } from '../node-set.js';
import type { ParseOptions } from '../parse.js';
import type { XmlDocument, XmlParent } from '../tree.js';
import { XmlError } from '../xml-error.js';
import type { IdIndex } from './ids.js';

/** Octets for a URI outside the document; undefined when the caller has none for it. */
export type DetachedContent = (uri: string | undefined) => Uint8Array | undefined;

/** What all references of one document share: where to look, and what may still be spent. */
export interface Surroundings {
  document: XmlDocument;
  ids: IdIndex;
  detached?: DetachedContent;
  limits: XmlLimits;
  parse: ParseOptions;
  /** Nodes that XPath expressions may still visit. */
  xpath: Budget;
  /** What canonicalizing, digesting and reading again may still cost. */
  work: Budget;
}

/** What transforms take and give: octets, or a set of nodes of some document. */
export type Data = { kind: 'octets'; octets: Uint8Array } | { kind: 'nodes'; set: NodeSet };

/** What a URI led to before any transform. */
export interface Target {
  data: Data;
  /** The document or the element a same-document reference means. */
  node?: XmlParent;
}

/** Follows the URI of a reference (XML-Signature section 4.4.3.2). Throws when it leads nowhere. */
export function dereference(uri: string | undefined, around: Surroundings): Target {
  if (uri === '') return within(around.document, false, around.work);
  if (uri?.startsWith('#')) return fragment(uri.slice(1), around);
  const octets = around.detached?.(uri);
  if (!octets) {
    throw new XmlError(
      'unresolved',
      `No content for ${uri === undefined ? 'no URI' : uri.slice(0, 200)}`,
    );
  }
  return { data: { kind: 'octets', octets } };
}

function within(node: XmlParent, comments: boolean, work: Budget): Target {
  work.spend(100 * (node.last - node.order));
  return { node, data: { kind: 'nodes', set: NodeSet.subtree(node, { comments }) } };
}

function fragment(written: string, { document, ids, work }: Surroundings): Target {
  if (written === 'xpointer(/)') return within(document, true, work);
  const pointer = /^xpointer\(id\((?:'([^']*)'|"([^"]*)")\)\)$/.exec(written);
  if (!pointer && /[()]/.test(written)) {
    throw new XmlError('unsupported', `Pointer ${written.slice(0, 200)}`);
  }
  const id = pointer ? (pointer[1] ?? pointer[2])! : written;
  const element = ids.find(id) ?? ids.find(unescaped(id));
  if (!element)
    throw new XmlError('unresolved', `No element has the identifier ${id.slice(0, 100)}`);
  return within(element, pointer !== null, work);
}

function unescaped(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
