import type { Defect, MimeLimits } from '../message.js';

/** What one parse has used of its limits, and what it has found wrong. */
export class Budget {
  readonly defects = new Set<Defect>();
  private parts = 0;
  private fields = 0;
  private octets = 0;

  constructor(readonly limits: MimeLimits) {}

  found(defect: Defect): void {
    this.defects.add(defect);
  }

  /** Whether one more part may be read. */
  takePart(): boolean {
    if (this.parts >= this.limits.parts) {
      this.found('too-many-parts');
      return false;
    }
    this.parts++;
    return true;
  }

  /** Whether one more header field of so many octets may be kept. */
  takeField(octets: number): boolean {
    if (this.fields >= this.limits.headerFields) {
      this.found('too-many-header-fields');
      return false;
    }
    if (this.octets + octets > this.limits.headerOctets) {
      this.found('header-too-large');
      return false;
    }
    this.fields++;
    this.octets += octets;
    return true;
  }
}
