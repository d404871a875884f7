import { escapeAttribute, escapeText } from './escape.js';
import { Budget, defaultLimits } from './limits.js';
import { NodeSet } from './node-set.js';
import {
  byCodePoint,
  namespaceOf,
  qualifiedName,
  xmlNamespace,
  type XmlAttribute,
  type XmlElement,
  type XmlNode,
} from './tree.js';
import { inheritedAttributes } from './xml-attributes.js';
import { XmlError } from './xml-error.js';

// Canonical XML 1.0 (W3C REC-xml-c14n-20010315), 1.1 (REC-xml-c14n11-20080502) and exclusive
// (REC-xml-exc-c14n-20020718) over any set of nodes. One walk serves the three: they differ in
// which namespace nodes an element shows and in what it inherits from ancestors left out.

export type C14nMethod = 'inclusive' | 'inclusive-1.1' | 'exclusive';

export interface C14nOptions {
  method: C14nMethod;
  comments: boolean;
  /** Exclusive only: prefixes treated as the inclusive method does; empty for the default one. */
  inclusivePrefixes?: readonly string[];
}

/** What things cost, in the unit of `XmlLimits.work`. */
const cost = { character: 3, piece: 50, element: 1000, lookup: 300 };

/**
 * The canonical octets of a set of nodes. Throws for relative namespace URIs, as required, and
 * when the budget is used up.
 */
export function canonicalize(
  set: NodeSet,
  options: C14nOptions,
  budget = new Budget(defaultLimits.work, 'canonical form'),
): Buffer {
  return new Canonicalizer(set, options, budget).run();
}

class Canonicalizer {
  private readonly written: string[] = [];
  /**
   * For the inclusive methods the namespace nodes of the nearest element in the output; for the
   * exclusive one, by prefix, that of the nearest which uses the prefix (the listed: as inclusive).
   */
  private shown = new Map<string, string>();

  constructor(
    private readonly set: NodeSet,
    private readonly options: C14nOptions,
    private readonly budget: Budget,
  ) {}

  run(): Buffer {
    const { start } = this.set;
    if (start.kind === 'element') this.element(start);
    else for (const child of start.children) this.outermost(child);
    return Buffer.from(this.written.join(''));
  }

  private write(text: string): void {
    this.budget.spend(cost.piece + cost.character * text.length);
    this.written.push(text);
  }

  /** Comments and instructions beside the root stand on lines of their own. */
  private outermost(node: XmlNode): void {
    if (node.kind === 'element') return this.element(node);
    if (!this.shows(node)) return;
    const after = node.order > this.set.document.root.order;
    if (after) this.write('\n');
    this.leaf(node);
    if (!after) this.write('\n');
  }

  private shows(node: XmlNode): boolean {
    return this.set.has(node) && (node.kind !== 'comment' || this.options.comments);
  }

  private leaf(node: Exclude<XmlNode, XmlElement>): void {
    if (node.kind === 'text') this.write(escapeText(node.value));
    else if (node.kind === 'comment') this.write(`<!--${node.value}-->`);
    else this.write(`<?${node.target}${node.value === '' ? '' : ` ${node.value}`}?>`);
  }

  private element(element: XmlElement): void {
    this.budget.spend(cost.element);
    const visible = this.set.has(element);
    const name = qualifiedName(element);
    if (visible) this.write(`<${name}`);
    const restore = this.namespaces(element, visible);
    this.attributes(element, visible);
    if (visible) this.write('>');
    for (const child of element.children) {
      if (child.kind === 'element') this.element(child);
      else if (this.shows(child)) this.leaf(child);
    }
    if (visible) this.write(`</${name}>`);
    restore();
  }

  /** Writes the namespaces an element shows, and answers how to forget them behind its end. */
  private namespaces(element: XmlElement, visible: boolean): () => void {
    if (this.options.method === 'exclusive') return this.utilized(element, visible);
    const { parent } = element;
    const above = parent.kind === 'element' && this.set.has(parent) ? parent : undefined;
    const follows = this.set.namespacesFollow(element);
    if (!visible && follows) return nothing;
    if (visible && follows && above && this.set.namespacesFollow(above)) {
      return this.show(element.declarations);
    }
    const nodes = this.set.namespacesAt(element);
    this.budget.spend(cost.lookup * nodes.size);
    const before = this.shown;
    const news = new Map([...nodes].filter(([prefix, uri]) => before.get(prefix) !== uri));
    if (visible && !nodes.has('') && before.has('')) news.set('', '');
    this.writeNamespaces(news);
    if (!visible) return nothing;
    this.shown = nodes;
    return () => (this.shown = before);
  }

  /** Exclusive: what the name and the shown attributes of the element need, and the listed. */
  private utilized(element: XmlElement, visible: boolean): () => void {
    const news = new Map<string, string>();
    const use = (prefix: string, uri: string | undefined) => {
      const held = uri !== undefined && uri !== '' && this.set.hasNamespace(element, prefix);
      if (held) news.set(prefix, uri);
      else if (visible) news.set(prefix, '');
    };
    for (const prefix of this.listedAt(element, visible)) {
      this.budget.spend(cost.lookup);
      use(prefix, namespaceOf(element, prefix));
    }
    if (visible) {
      use(element.prefix, element.namespace);
      for (const attribute of element.attributes) {
        if (attribute.prefix !== '' && this.set.has(attribute)) {
          use(attribute.prefix, attribute.namespace);
        }
      }
    }
    if (visible) return this.show(news);
    // The namespace nodes of an element that is left out are written, and known to nobody below.
    this.show(news)();
    return nothing;
  }

  /** The listed prefixes that may be news: those declared here, if the parent has shown the rest. */
  private listedAt(element: XmlElement, visible: boolean): readonly string[] {
    const { inclusivePrefixes: listed = [] } = this.options;
    const { parent } = element;
    const known = visible && parent.kind === 'element' && this.set.has(parent);
    const follow = known && this.set.namespacesFollow(parent) && this.set.namespacesFollow(element);
    return follow ? listed.filter((prefix) => element.declarations.has(prefix)) : listed;
  }

  private show(candidates: ReadonlyMap<string, string>): () => void {
    if (candidates.size === 0) return nothing;
    const undo: [string, string | undefined][] = [];
    const news = new Map<string, string>();
    for (const [prefix, uri] of candidates) {
      const before = this.shown.get(prefix);
      if (prefix === 'xml' || (before ?? '') === uri) continue;
      // Only the default namespace can be taken back; a prefix whose node is left out is forgotten.
      if (uri !== '' || prefix === '') news.set(prefix, uri);
      undo.push([prefix, before]);
      if (uri === '') this.shown.delete(prefix);
      else this.shown.set(prefix, uri);
    }
    this.writeNamespaces(news);
    return () => {
      for (const [prefix, before] of undo) {
        if (before === undefined) this.shown.delete(prefix);
        else this.shown.set(prefix, before);
      }
    };
  }

  private writeNamespaces(news: ReadonlyMap<string, string>): void {
    for (const prefix of [...news.keys()].sort(byCodePoint)) {
      const uri = news.get(prefix)!;
      if (uri !== '' && !/^[A-Za-z][\w+.-]*:/.test(uri)) {
        throw new XmlError('namespace', `Relative namespace URI ${uri.slice(0, 80)}`);
      }
      this.write(` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(uri)}"`);
    }
  }

  private attributes(element: XmlElement, visible: boolean): void {
    const { method } = this.options;
    let shown: Pick<XmlAttribute, 'prefix' | 'localName' | 'namespace' | 'value'>[] =
      element.attributes.filter((attribute) => this.set.has(attribute));
    const { parent } = element;
    if (visible && method !== 'exclusive' && parent.kind === 'element' && !this.set.has(parent)) {
      const inherited = inheritedAttributes(element, this.set, method, this.budget);
      const replaced = new Set(inherited.map(({ localName }) => localName));
      shown = shown.filter(
        ({ namespace, localName }) => namespace !== xmlNamespace || !replaced.has(localName),
      );
      shown.push(...inherited.filter(({ value }) => value !== undefined).map(asAttribute));
    }
    shown.sort(
      (a, b) => byCodePoint(a.namespace, b.namespace) || byCodePoint(a.localName, b.localName),
    );
    for (const attribute of shown) {
      this.write(` ${qualifiedName(attribute)}="${escapeAttribute(attribute.value)}"`);
    }
  }
}

function asAttribute({ localName, value }: { localName: string; value?: string }) {
  return { prefix: 'xml', localName, namespace: xmlNamespace, value: value! };
}

function nothing(): void {}
