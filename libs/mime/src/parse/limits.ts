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

  /** How many of so many octets of one more header field may be kept; none: not even its name. */
  takeField(octets: number): number {
    if (this.fields >= this.limits.headerFields) {
      this.found('too-many-header-fields');
      return 0;
    }
    const allowed = Math.min(octets, this.limits.headerOctets - this.octets);
    if (allowed < octets) this.found('header-too-large');
    this.fields++;
    this.octets += allowed;
    return allowed;
  }
}
