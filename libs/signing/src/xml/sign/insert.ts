import type { XmlElement } from '../tree.js';

/** The source with markup put before the end of an element; an empty-element tag is opened. */
export function insertInto(source: string, element: XmlElement, added: string): string {
  const { inner, outer } = element;
  if (source.startsWith('</', inner.end)) {
    return source.slice(0, inner.end) + added + source.slice(inner.end);
  }
  const name = /^<([^\s/>]+)/.exec(source.slice(outer.start, outer.end))![1];
  const start = source.slice(0, inner.start).trimEnd();
  return `${start}>${added}</${name}>${source.slice(outer.end)}`;
}

/** The source with the text of an element, which must have an end tag, replaced. */
export function replaceInside(source: string, element: XmlElement, content: string): string {
  return source.slice(0, element.inner.start) + content + source.slice(element.inner.end);
}
