import type { PdfRef } from '../reader/objects.js';
import type { Increment } from '../writer/increment.js';

/** Something a widget or an annotation shows: it adds its objects and returns a form XObject. */
export interface Appearance {
  /** @param width and height of the rectangle in points. */
  draw(increment: Increment, width: number, height: number): PdfRef;
}
