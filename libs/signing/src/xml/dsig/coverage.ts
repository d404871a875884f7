import type { NodeSet } from '../node-set.js';
import { documentOf, isElement, type XmlElement, type XmlParent } from '../tree.js';
import { namespaces, transforms } from './algorithms.js';
import type { Data } from './dereference.js';

/**
 * How much of a document or an element was digested.
 * - `whole`: every element, attribute, text and instruction in it; signatures left out are named.
 * - `part`: something else is missing, so that nothing can be said of the whole.
 * - `text`: only the octets that its text stands for (base64).
 * - `none`: what was digested is not of this document.
 */
export interface Coverage {
  extent: 'whole' | 'part' | 'text' | 'none';
  /** ds:Signature elements inside that were left out. */
  withoutSignatures: XmlElement[];
}

/**
 * Follows what a reference digests through its transforms. Octets in canonical form still are the
 * nodes they were made from; octets decoded, or read as XML once more, are not.
 */
export class Trace {
  private nodes?: NodeSet;
  private state: 'nodes' | 'canonical' | 'text' | 'lost' = 'nodes';

  start(data: Data): void {
    if (data.kind === 'nodes') this.nodes = data.set;
    else this.state = 'lost';
  }

  follow(algorithm: string, data: Data): void {
    if (algorithm === transforms.base64) {
      this.state = this.state === 'nodes' ? 'text' : 'lost';
    } else if (data.kind === 'octets') {
      this.state = this.state === 'nodes' ? 'canonical' : 'lost';
    } else if (this.state === 'nodes') {
      this.nodes = data.set;
    } else {
      this.state = 'lost';
    }
  }

  /** What of an element or document the digest speaks for. */
  coverageOf(node: XmlParent): Coverage {
    const { nodes, state } = this;
    if (!nodes || state === 'lost' || nodes.document !== documentOf(node)) {
      return { extent: 'none', withoutSignatures: [] };
    }
    const withoutSignatures: XmlElement[] = [];
    const whole = nodes.has(node) && holds(nodes, node, withoutSignatures);
    if (!whole) return { extent: nodes.holdsAnyOf(node) ? 'part' : 'none', withoutSignatures: [] };
    return { extent: state === 'text' ? 'text' : 'whole', withoutSignatures };
  }
}

function holds(set: NodeSet, node: XmlParent, leftOut: XmlElement[]): boolean {
  if (node.kind === 'element') {
    if (!set.has(node)) return leavesOutSignature(set, node, leftOut);
    if (!set.namespacesFollow(node)) return false;
    if (!node.attributes.every((attribute) => set.has(attribute))) return false;
  }
  return node.children.every((child) => {
    if (child.kind === 'element') return holds(set, child, leftOut);
    return child.kind === 'comment' || set.has(child);
  });
}

function leavesOutSignature(set: NodeSet, element: XmlElement, leftOut: XmlElement[]): boolean {
  if (!isElement(element, namespaces.dsig, 'Signature') || set.holdsAnyOf(element)) return false;
  leftOut.push(element);
  return true;
}
