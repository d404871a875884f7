import { SaxesParser } from 'saxes';
import { readInternalSubset, type AttributeDeclarations } from './internal-subset.js';
import { defaultLimits, type XmlLimits } from './limits.js';
import { resolveNames, type RawAttribute } from './names.js';
import { decodeXml } from './octets.js';
import type { XmlDocument, XmlElement, XmlNode, XmlParent } from './tree.js';
import { XmlError } from './xml-error.js';

// The characters are read by saxes: strict about well-formedness, it loads nothing, knows no
// entities but the five of XML, and hands over piece by piece, so that a limit stops a hostile
// document where it is exceeded instead of after a tree of it was built. Names, namespaces and
// defaults of attributes are ours: canonical XML needs them exactly.

export interface ParseOptions {
  limits?: Partial<XmlLimits>;
  /**
   * Reads attribute declarations (defaults, types) of an internal subset instead of refusing the
   * document. Entities stay unknown either way. For test vectors of the recommendations only.
   */
  allowInternalSubset?: boolean;
}

/**
 * Reads a document. Octets are decoded by their byte order mark or declaration (UTF-8, UTF-16,
 * ISO-8859-1, US-ASCII). Throws XmlError for what is malformed, too large, or brings a DTD.
 */
export function parseXml(input: Uint8Array | string, options: ParseOptions = {}): XmlDocument {
  const limits = { ...defaultLimits, ...options.limits };
  const source = typeof input === 'string' ? input : decodeXml(input, limits.bytes);
  if (source.length > limits.bytes) throw tooMuch('octets', limits.bytes);
  if (typeof input === 'string' && !source.isWellFormed()) {
    throw new XmlError('malformed', 'A surrogate without its other half');
  }
  if (countPieces(source) > limits.pieces) throw tooMuch('pieces', limits.pieces);
  return new TreeBuilder(source, limits, options.allowInternalSubset === true).build();
}

const pieceStarts = new Uint8Array(0x10000);
for (const character of '-?]&\r') pieceStarts[character.charCodeAt(0)] = 1;

function countPieces(source: string): number {
  let count = 0;
  for (let at = 0; at < source.length; at++) count += pieceStarts[source.charCodeAt(at)]!;
  return count;
}

function tooMuch(what: string, limit: number): XmlError {
  return new XmlError('limit', `More than ${limit} ${what}`);
}

class TreeBuilder {
  private readonly parser = new SaxesParser({ xmlns: false, position: false });
  private readonly document: XmlDocument;
  private open: XmlElement[] = [];
  private attributes: RawAttribute[] = [];
  private tagStart = 0;
  private nodes = 0;
  private declared: AttributeDeclarations = new Map();

  constructor(
    private readonly source: string,
    private readonly limits: XmlLimits,
    private readonly allowInternalSubset: boolean,
  ) {
    const root = undefined as unknown as XmlElement;
    this.document = { kind: 'document', order: 0, last: 0, children: [], root, source };
  }

  build(): XmlDocument {
    const { parser } = this;
    parser.on('error', (error) => {
      throw new XmlError('malformed', error.message);
    });
    parser.on('xmldecl', ({ version }) => {
      if (version !== '1.0') throw new XmlError('unsupported', 'Only XML 1.0 is read');
    });
    parser.on('doctype', (doctype) => this.doctype(doctype));
    parser.on('opentagstart', () => this.startTag());
    parser.on('attribute', (attribute) => this.attribute(attribute));
    parser.on('opentag', ({ name, isSelfClosing }) => this.openTag(name, isSelfClosing));
    parser.on('closetag', ({ isSelfClosing }) => this.closeTag(isSelfClosing));
    parser.on('text', (value) => this.text(value));
    parser.on('cdata', (value) => this.text(value));
    parser.on('comment', (value) => {
      this.add({ kind: 'comment', value, parent: this.parent, order: this.place() });
    });
    parser.on('processinginstruction', ({ target, body: value }) => {
      if (target.includes(':')) throw new XmlError('namespace', 'A colon in a target');
      this.add({ kind: 'instruction', target, value, parent: this.parent, order: this.place() });
    });
    parser.write(this.source).close();
    this.document.last = this.nodes;
    return this.document;
  }

  private get parent(): XmlParent {
    return this.open.at(-1) ?? this.document;
  }

  private place(): number {
    if (++this.nodes > this.limits.nodes) throw tooMuch('nodes', this.limits.nodes);
    return this.nodes;
  }

  private add(node: XmlNode): void {
    this.parent.children.push(node);
  }

  private doctype(doctype: string): void {
    if (!this.allowInternalSubset) {
      throw new XmlError('doctype', 'A document type declaration is not accepted');
    }
    this.declared = readInternalSubset(doctype, this.limits.attributes);
  }

  private startTag(): void {
    if (this.open.length >= this.limits.depth) throw tooMuch('levels', this.limits.depth);
    // Attribute values may hold '>' but never '<', so the last one starts this tag.
    this.tagStart = this.source.lastIndexOf('<', this.parser.position - 1);
    this.attributes = [];
  }

  private attribute({ name, value }: RawAttribute): void {
    this.attributes.push({ name, value });
    if (this.attributes.length > this.limits.attributes) {
      throw tooMuch('attributes of one element', this.limits.attributes);
    }
  }

  private openTag(name: string, selfClosing: boolean): void {
    const end = this.parser.position;
    const inner = selfClosing ? { start: end - 2, end: end - 2 } : { start: end, end: -1 };
    const outer = { start: this.tagStart, end: -1 };
    const order = this.place();
    const names = resolveNames(name, this.attributes, this.parent, this.declared.get(name));
    const element: XmlElement = {
      kind: 'element',
      parent: this.parent,
      order,
      last: order,
      children: [],
      inner,
      outer,
      ...names,
    };
    this.countNamespaces(element);
    for (const attribute of element.attributes) {
      attribute.parent = element;
      attribute.order = this.place();
    }
    this.add(element);
    if (this.open.length === 0) this.document.root = element;
    this.open.push(element);
  }

  private countNamespaces(element: XmlElement): void {
    if (element.declarations.size === 0) return;
    let count = 0;
    for (let at: XmlParent = element; at.kind === 'element'; at = at.parent) {
      count += at.declarations.size;
    }
    if (count > this.limits.namespaces) throw tooMuch('namespaces', this.limits.namespaces);
  }

  private closeTag(selfClosing: boolean): void {
    const element = this.open.pop()!;
    element.last = this.nodes;
    element.outer.end = this.parser.position;
    if (!selfClosing) element.inner.end = this.source.lastIndexOf('</', this.parser.position - 1);
  }

  private text(value: string): void {
    const parent = this.open.at(-1);
    if (!parent || value === '') return;
    const before = parent.children.at(-1);
    if (before?.kind === 'text') before.value += value;
    else this.add({ kind: 'text', value, parent, order: this.place() });
  }
}
