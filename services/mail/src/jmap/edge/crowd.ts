/** Counts what each does at once, and all together. */
export class Crowd {
  private readonly present = new Map<string, number>();
  private all = 0;

  constructor(
    private readonly mostOfOne: number,
    private readonly most = Infinity,
  ) {}

  /** Lets one in and answers how it leaves; undefined when there is no room. */
  enter(who: string): (() => void) | undefined {
    const now = this.present.get(who) ?? 0;
    if (now >= this.mostOfOne || this.all >= this.most) return undefined;
    this.present.set(who, now + 1);
    this.all++;
    return () => {
      const left = this.present.get(who)! - 1;
      if (left > 0) this.present.set(who, left);
      else this.present.delete(who);
      this.all--;
    };
  }
}
