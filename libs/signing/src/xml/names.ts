import type { AttributeDeclaration } from './internal-subset.js';
import {
  namespaceOf,
  nothingDeclared,
  xmlNamespace,
  xmlnsNamespace,
  type XmlAttribute,
  type XmlElement,
  type XmlParent,
} from './tree.js';
import { XmlError } from './xml-error.js';

// Namespaces in XML 1.0 (third edition): prefixes, reserved names and the uniqueness of attributes.

export interface RawAttribute {
  name: string;
  value: string;
}

type Names = Pick<XmlElement, 'prefix' | 'localName' | 'namespace' | 'attributes' | 'declarations'>;

/** Resolves the names of a start tag; declared defaults are added, attributes get no place yet. */
export function resolveNames(
  name: string,
  written: RawAttribute[],
  parent: XmlParent,
  declared: ReadonlyMap<string, AttributeDeclaration> | undefined,
): Names {
  const all = declared ? withDefaults(written, declared) : written;
  const declarations = declarationsOf(all);
  const scope = { kind: 'element', parent, declarations } as XmlElement;
  const { prefix, localName } = split(name);
  const namespace = prefix === 'xmlns' ? undefined : namespaceOf(scope, prefix);
  if (prefix !== '' && namespace === undefined) throw unbound(prefix);
  const attributes = attributesOf(all, scope, declared);
  return { prefix, localName, namespace: namespace ?? '', attributes, declarations };
}

function attributesOf(
  all: RawAttribute[],
  scope: XmlElement,
  declared: ReadonlyMap<string, AttributeDeclaration> | undefined,
): XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  const seen = new Set<string>();
  for (const { name, value } of all) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    const { prefix, localName } = split(name);
    const namespace = prefix === '' ? '' : namespaceOf(scope, prefix);
    if (namespace === undefined) throw unbound(prefix);
    const key = `${localName} ${namespace}`;
    if (seen.has(key)) throw new XmlError('namespace', `Attribute ${localName} occurs twice`);
    seen.add(key);
    const isId = declared?.get(name)?.type === 'ID';
    const parent = scope;
    attributes.push({
      kind: 'attribute',
      parent,
      order: 0,
      prefix,
      localName,
      namespace,
      value,
      isId,
    });
  }
  return attributes;
}

function withDefaults(
  written: RawAttribute[],
  declared: ReadonlyMap<string, AttributeDeclaration>,
): RawAttribute[] {
  const names = new Set(written.map(({ name }) => name));
  const all = written.map(({ name, value }) => {
    const type = declared.get(name)?.type ?? 'CDATA';
    return { name, value: type === 'CDATA' ? value : tokens(value) };
  });
  for (const [name, { default: value }] of declared) {
    if (value !== undefined && !names.has(name)) all.push({ name, value });
  }
  return all;
}

/** XML 1.0 section 3.3.3: values that are not CDATA lose outer and repeated spaces (only U+0020). */
function tokens(value: string): string {
  return value.replace(/ +/g, ' ').replace(/^ | $/g, '');
}

function declarationsOf(attributes: RawAttribute[]): ReadonlyMap<string, string> {
  let declarations: Map<string, string> | undefined;
  for (const { name, value } of attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    const prefix = name === 'xmlns' ? '' : split(name).localName;
    checkDeclaration(prefix, value);
    declarations ??= new Map();
    declarations.set(prefix, value);
  }
  return declarations ?? nothingDeclared;
}

function checkDeclaration(prefix: string, uri: string): void {
  const reserved =
    prefix === 'xmlns' || uri === xmlnsNamespace || (prefix === 'xml') !== (uri === xmlNamespace);
  if (reserved) throw new XmlError('namespace', `Prefix ${prefix} or its namespace is reserved`);
  if (prefix !== '' && uri === '') {
    throw new XmlError('namespace', `Prefix ${prefix} cannot be undeclared`);
  }
}

const nameStart =
  /^[A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}]/u;

/** A qualified name in its parts; saxes has checked that it is a Name. */
function split(name: string): { prefix: string; localName: string } {
  const colon = name.indexOf(':');
  if (colon < 0) return { prefix: '', localName: name };
  const prefix = name.slice(0, colon);
  const localName = name.slice(colon + 1);
  if (prefix === '' || localName.includes(':') || !nameStart.test(localName)) {
    throw new XmlError('namespace', `${name} is no qualified name`);
  }
  return { prefix, localName };
}

function unbound(prefix: string): XmlError {
  return new XmlError('namespace', `Prefix ${prefix} is not declared`);
}
